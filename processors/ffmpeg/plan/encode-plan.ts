import type { AudioEncoding } from '@transcodeflow/shared/contracts/audio-encoding.ts';
import type { EncodeSpec } from '@transcodeflow/shared/contracts/encode-specs.ts';
import { type Film, filmOf } from '@transcodeflow/shared/contracts/media.ts';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { untrustedInput } from '../untrusted-input.ts';
import { CLOCK, entry, keyframes, trim } from './chunk-window.ts';
import { outputColour } from './colour.ts';
import { decodeOptions, deviceOptions, resizeOptions, SET_UP_ANEW } from './device-input.ts';
import { devicePicture } from './device-picture.ts';
import type { Encoding } from './encoding.ts';
import { ALIGNED, type MeasuredLoudness, normalising } from './loudness.ts';
import { overlays, watermarkInput } from './overlay.ts';
import { type Picture, pictureOf } from './picture.ts';
import { chooseRoute, describeRoute } from './route.ts';
import { JPEG, POSTER_PATTERN, TILES_FILE } from './stills.ts';
import { stillsOf } from './stills-of.ts';
import { trimming } from './trimming.ts';
import { encoderOptions, keyframeOptions } from './video-encoder.ts';

export interface Capabilities {
  /** Best first; empty for the CPU alone. */
  usable: readonly Acceleration[];
  /** `zscale` and `tonemap` are there. */
  toneMap: boolean;
  /** Of this ffmpeg, by name; absent: those of any build. */
  encoders?: ReadonlySet<string>;
  /** For each software encoder; absent: as many as it likes. */
  threads?: number | undefined;
  /** What the first pass over each stream of sound measured, where it is normalised. */
  loudness?: ReadonlyMap<number, MeasuredLoudness>;
}

export interface EncodePlan {
  /** ffmpeg's arguments; the outputs are relative names. */
  args: string[];
  /** Where it runs, for the job's history. */
  hardware: string;
  /** The device that encodes; the CPU where absent. */
  encoder?: Acceleration;
  /** A line of ffmpeg's log, at level `info`, after which frames would be missing. */
  hopeless?: RegExp;
}

export const AUDIO_FILE = 'audio.m4a';
export const alternateFile = (name: string) => `${name}.m4a`;
export const renditionFile = (name: string) => `${name}.mp4`;

/**
 * One run of ffmpeg, one decode: every rendition, the audio (encoded once, muxed into each MP4 and its own file by
 * `tee`), the poster's candidates and the storyboard's tiles.
 */
export function planEncode(
  spec: Encoding,
  sourcePath: string,
  { usable, toneMap, encoders, threads, loudness }: Capabilities,
): EncodePlan {
  if (spec.renditions.length === 0) return planSound(spec, sourcePath, loudness);
  const film = filmOf(spec.media);
  const { video } = film;
  const { window } = spec;
  const part = window ? { input: entry(window), video: trim(window) } : trimming(spec.trim, film);
  const codecs = [...new Set(spec.renditions.map(({ codec }) => codec))];
  // Chunks are encoded by the CPU: one file has one decoder configuration, and each encoder writes its own.
  const able = window ? usable.map((device) => ({ ...device, encode: false, codecs: [] })) : usable;
  const route = chooseRoute(video, able, { codecs, toneMap });
  const largest = spec.renditions.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));
  const overlaid = spec.watermark !== undefined;
  const picture = devicePicture(pictureOf(video, largest, toneMap), video, route, { largest, overlaid });
  // biome-ignore format: an option and its value belong on one line
  const args = [
    ...deviceOptions(route),
    ...(window ? CLOCK : []),
    // A damaged source is encoded as far as it can be decoded; the gate judges the result.
    '-max_error_rate', '1',
    ...untrustedInput(sourcePath, [...decodeOptions(video, route), ...resizeOptions(video, route), ...part.input]),
    ...(spec.watermark ? watermarkInput : []),
    '-filter_complex', filterGraph(spec, film, picture, part.video, outputColour(video, video.hdr && toneMap).matrix),
    ...spec.renditions.flatMap((_, index) => ['-map', `[v${index}]`]),
    ...spec.renditions.flatMap((rendition, index) => encoderOptions(rendition, index, { device: route.encoder, frameRate: video.frame_rate, encoders, threads })),
    ...keyframeOptions(spec.gop_s, video.frame_rate, window && keyframes(window, spec.gop_s)),
    // Time stamps are kept as they are, also where the rate varies. 1/120000 s holds 24, 25, 30, 50, 60 per second,
    // their 1000/1001 relatives and milliseconds without rounding.
    '-fps_mode:v', 'vfr', '-enc_time_base:v', '1:120000',
    ...audioOptions(soundsOf(spec), spec, loudness),
    '-map_metadata', '-1', '-map_chapters', '-1',
    ...languageTags(soundsOf(spec)),
    // tee does not tell the encoders that MP4 wants its headers out of band.
    '-flags', '+global_header',
    '-f', 'tee', teeTargets(spec),
  ];
  const stills = stillsOf(spec);
  if (stills.poster)
    args.push('-map', '[poster]', '-frames:v', String(stills.poster.frames), ...JPEG, POSTER_PATTERN);
  if (stills.tiles)
    args.push('-map', '[storyboard]', '-frames:v', String(stills.tiles.frames), ...RAW, TILES_FILE);
  return {
    args,
    hardware: describeRoute(route),
    ...(route.encoder && { encoder: route.encoder }),
    ...(route.frames && { hopeless: SET_UP_ANEW }),
  };
}

/** The sound alone. */
function planSound(spec: EncodeSpec, sourcePath: string, loudness: Capabilities['loudness']): EncodePlan {
  const file = (audio: AudioEncoding, name: string) => [
    ...audioOptions([audio], spec, loudness),
    ...['-map_metadata', '-1', '-map_chapters', '-1', ...languageTags([audio])],
    ...['-movflags', '+faststart', '-f', 'mp4', name],
  ];
  // biome-ignore format: an option and its value belong on one line
  const args = [
    '-max_error_rate', '1',
    ...untrustedInput(sourcePath, trimming(spec.trim, spec.media).input),
    ...(spec.audio ? file(spec.audio, AUDIO_FILE) : []),
    ...(spec.audio_alternates ?? []).flatMap((audio) => file(audio, alternateFile(audio.name))),
  ];
  return { args, hardware: 'cpu' };
}

const RAW = ['-c:v', 'rawvideo', '-threads:v', '1', '-fps_mode:v', 'passthrough', '-f', 'rawvideo'];

/** Branches of one decode. What is laid on a rendition comes between its own chain and the encoder. */
function filterGraph(
  spec: Encoding,
  film: Film,
  picture: Picture,
  part: readonly string[],
  matrix: string,
): string {
  const { watermark, renditions } = spec;
  const branches = renditions.map((rendition, index) => ({
    out: watermark ? `p${index}` : `v${index}`,
    filters: [...picture.rendition(rendition), ...(watermark ? [] : picture.toEncoder)],
  }));
  const { poster, tiles } = stillsOf(spec);
  if (poster) branches.push({ out: 'poster', filters: poster.filters(picture) });
  if (tiles) branches.push({ out: 'storyboard', filters: tiles.filters(picture) });
  const split = `split=${branches.length}${branches.map((_, index) => `[s${index}]`).join('')}`;
  const layers = renditions.map((size, index) => ({ base: `p${index}`, out: `o${index}`, size }));
  const toEncoder = picture.toEncoder.length > 0 ? picture.toEncoder : ['null'];
  // What looks at neighbours must see them before they are cut off.
  const before = spec.window?.neighbours ? [...picture.shared, ...part] : [...part, ...picture.shared];
  return [
    `[0:${film.video.index}]${[...before, split].join(',')}`,
    ...branches.map(({ out, filters }, index) => `[s${index}]${filters.join(',')}[${out}]`),
    ...(watermark
      ? [
          ...overlays(watermark, { input: '1:v', matrix }, layers),
          ...layers.map(({ out }, index) => `[${out}]${toEncoder.join(',')}[v${index}]`),
        ]
      : []),
  ].join(';');
}

/**
 * The audio starts at 0 with the file, silence filled in before a late start and in gaps of more than 100 ms, so that
 * it stays in step with the pictures and the packets follow one another.
 */
function audioOptions(
  sounds: readonly AudioEncoding[],
  { media, trim }: EncodeSpec,
  loudness: Capabilities['loudness'],
): string[] {
  const { audio: part } = trimming(trim, media);
  return sounds.flatMap((audio, index) => {
    const rate = media.audio.find((stream) => stream.index === audio.stream_index)?.sample_rate ?? 48_000;
    const at = sounds.length > 1 ? `:${index}` : '';
    // biome-ignore format: an option and its value belong on one line
    return [
      '-map', `0:${audio.stream_index}`,
      `-c:a${at}`, audio.codec, `-b:a${at}`, String(audio.bitrate), at ? `-ac:a${at}` : '-ac', String(audio.channels),
      at ? `-ar:a${at}` : '-ar', rate % 11_025 === 0 ? '44100' : '48000',
      `-filter:a${at}`, [...part, ALIGNED, ...normalising(audio, loudness?.get(audio.stream_index))].join(','),
    ];
  });
}

/** The default one first. */
const soundsOf = ({ audio, audio_alternates = [] }: EncodeSpec): AudioEncoding[] =>
  audio ? [audio, ...audio_alternates] : [];

const languageTags = (sounds: readonly AudioEncoding[]): string[] =>
  sounds.flatMap(({ language }, index) =>
    language ? [`-metadata:s:a:${index}`, `language=${language}`] : [],
  );

/** A chunk begins at its place in the whole video, which MP4 keeps to the millisecond unless told better. */
export const mp4Options = ({ window }: Pick<Encoding, 'window'>): readonly [name: string, value: string] =>
  window ? ['-movie_timescale', '120000'] : ['-movflags', '+faststart'];

function teeTargets(spec: Encoding): string {
  // By default a file that cannot be written is left behind cut off, and the run ends with status 0 (tried).
  const options = mp4Options(spec).join('=').slice(1);
  const target = (streams: string, file: string) =>
    `[onfail=abort:select=\\'${streams}\\':f=mp4:${options}]${file}`;
  const { audio_alternates: alternates = [] } = spec;
  const main = alternates.length > 0 ? 'a:0' : 'a';
  const targets = spec.renditions.map(({ name }, index) =>
    target(spec.audio ? `v:${index},${main}` : `v:${index}`, renditionFile(name)),
  );
  if (spec.audio) targets.push(target(main, AUDIO_FILE));
  targets.push(...alternates.map(({ name }, index) => target(`a:${index + 1}`, alternateFile(name))));
  return targets.join('|');
}
