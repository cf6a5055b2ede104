import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import type { Outputs } from '@transcodeflow/shared/contracts/outputs.ts';

import type { ResultOf } from '@transcodeflow/shared/contracts/task-results.ts';
import { trackName } from './plan/track-name.ts';
import { storedSource } from './source.ts';
import { encodedOf, type Job, resultOf } from './state.ts';

type EncodeResult = ResultOf<'encode' | 'stitch'>;
type VerifyResult = ResultOf<'verify'>;

const unavailable = (reason: string) => ({ available: false as const, reason });

/**
 * The outputs of a job whose tasks have all ended: names the accepted attempts' objects and nothing else.
 * What the source cannot have, or an optional task could not make, is there as unavailable, with the reason.
 */
export function composeOutputs(job: Job): Outputs {
  const encode = encodedOf(job);
  const verify = resultOf(job, 'verify');
  if (!encode || !verify) throw new Error('Outputs are composed after encode and verify');
  const files: Record<string, ObjectRef> = {};
  const publish = (path: string, object: ObjectRef): string => {
    files[path] = object;
    return path;
  };
  const folders: Record<string, string> = {};
  return {
    renditions: renditions(job, encode, verify, publish),
    audio: audio(job, encode, publish),
    ...audioTracks(job, encode, publish),
    transcription: transcription(job, publish),
    hls: hls(job, folders),
    dash: dash(job, folders),
    subtitles: subtitles(job, publish),
    thumbnail: thumbnail(job, encode, publish),
    storyboard: encode.storyboard
      ? {
          available: true,
          image: publish('storyboard.jpg', encode.storyboard.image),
          vtt: publish('storyboard.vtt', encode.storyboard.vtt),
          tiles: encode.storyboard.tiles,
        }
      : unavailable(skipReason(job, 'storyboard') ?? 'No storyboard could be made'),
    preview: preview(job, encode, publish),
    files,
    folders,
  };
}

type Publish = (path: string, object: ObjectRef) => string;

function renditions(
  job: Job,
  encode: EncodeResult,
  verify: VerifyResult,
  publish: Publish,
): Outputs['renditions'] {
  const outputs: Outputs['renditions'] = {};
  for (const { name, object, width, height, bitrate, duration_s, codec } of encode.renditions)
    outputs[name] = {
      available: true,
      path: publish(`${name}.mp4`, object),
      size_bytes: object.size_bytes,
      width,
      height,
      bitrate,
      duration_s,
      codec,
      compression_ratio: object.size_bytes / Math.max(1, storedSource(job)?.size_bytes ?? 0),
      quality: verify.quality[name],
    };
  for (const { output, reason } of job.plan?.skipped ?? [])
    if (/^\d+p$/.test(output)) outputs[output] = unavailable(reason);
  return outputs;
}

function audio(job: Job, { audio }: EncodeResult, publish: Publish): Outputs['audio'] {
  if (!audio) return unavailable(skipReason(job, 'audio') ?? 'The source has no audio');
  const { object, codec, bitrate, duration_s, channels, language } = audio;
  return {
    available: true,
    path: publish('audio.m4a', object),
    size_bytes: object.size_bytes,
    codec,
    bitrate,
    duration_s,
    channels,
    language,
  };
}

/** Where there is a choice, or one was asked for: every track by its language, the default one under both of its names. */
function audioTracks(
  { plan, request }: Job,
  { audio, audio_alternates = [] }: EncodeResult,
  publish: Publish,
): Pick<Outputs, 'audio_tracks'> {
  if (!audio || (audio_alternates.length === 0 && !request.options.audio_languages)) return {};
  const tracks: NonNullable<Outputs['audio_tracks']> = {};
  const main = { ...audio, name: trackName(audio.language, new Set()) };
  for (const track of [main, ...audio_alternates]) {
    const { name, object, ...figures } = track;
    tracks[name] = {
      available: true,
      path: publish(`${name}.m4a`, object),
      size_bytes: object.size_bytes,
      ...figures,
      default: track === main,
    };
  }
  for (const { output, reason } of plan?.skipped ?? [])
    if (output.startsWith('audio-')) tracks[output] = unavailable(reason);
  return { audio_tracks: tracks };
}

function transcription(job: Job, publish: Publish): Outputs['transcription'] {
  const result = resultOf(job, 'transcribe');
  if (!result)
    return unavailable(
      job.tasks.transcribe?.error?.message ??
        skipReason(job, 'transcription') ??
        skipReason(job, 'audio') ??
        'Transcription was not possible',
    );
  if (!result.available) return unavailable(result.reason);
  const { language, engine, words_count, formats } = result;
  return {
    available: true,
    language,
    engine,
    words_count,
    formats: {
      txt: publish('transcript.txt', formats.txt),
      srt: publish('transcript.srt', formats.srt),
      vtt: publish('transcript.vtt', formats.vtt),
      json: publish('transcript.json', formats.json),
    },
  };
}

function hls(job: Job, folders: Record<string, string>): Outputs['hls'] {
  const result = resultOf(job, 'package');
  const reason = skipReason(job, 'hls');
  if (!result || reason !== undefined) return unavailable(reason ?? 'No HLS package was asked for');
  folders['hls/'] = result.prefix;
  const variants: Extract<Outputs['hls'], { available: true }>['variants'] = {};
  for (const { name, playlist, segments_count } of result.variants)
    variants[name] = { available: true, playlist: `hls/${playlist}`, segments_count };
  for (const { output, reason } of job.plan?.skipped ?? [])
    if (/^\d+p$/.test(output)) variants[output] = unavailable(reason);
  return { available: true, master: `hls/${result.master}`, size_bytes: result.size_bytes, variants };
}

/** What the source has, each with its file, or with the reason why there is none. */
function subtitles(job: Job, publish: Publish): NonNullable<Outputs['subtitles']> {
  const tracks: Extract<Outputs['subtitles'], { available: true }>['tracks'] = {};
  const result = resultOf(job, 'package');
  for (const { name, object, playlist, ...about } of result?.subtitles ?? [])
    tracks[name] = {
      available: true,
      path: publish(`${name}.vtt`, object),
      playlist: `hls/${playlist}`,
      size_bytes: object.size_bytes,
      ...about,
    };
  const skipped = (job.plan?.skipped ?? []).filter(({ output }) => output.startsWith('subtitles-'));
  for (const { name, reason } of result?.subtitles_left_out ?? []) tracks[name] = unavailable(reason);
  for (const { output, reason } of skipped) tracks[output] = unavailable(reason);
  return Object.keys(tracks).length > 0
    ? { available: true, tracks }
    : unavailable('The source has no subtitles');
}

/** Over the segments of HLS, beside its playlists. */
function dash(job: Job, folders: Record<string, string>): Outputs['dash'] {
  const result = resultOf(job, 'package');
  if (!result?.dash) return unavailable(skipReason(job, 'dash') ?? 'No DASH manifest was asked for');
  folders['hls/'] = result.prefix;
  const { manifest, size_bytes } = result.dash;
  return { available: true, manifest: `hls/${manifest}`, size_bytes };
}

function thumbnail(job: Job, { poster }: EncodeResult, publish: Publish): Outputs['thumbnail'] {
  const custom = resultOf(job, 'thumbnail');
  const picture = custom ?? poster;
  if (!picture)
    return unavailable(
      job.tasks.thumbnail?.error?.message ?? skipReason(job, 'thumbnail') ?? 'No thumbnail could be made',
    );
  const { object, width, height } = picture;
  return {
    available: true,
    path: publish('thumbnail.jpg', object),
    size_bytes: object.size_bytes,
    width,
    height,
    custom: custom !== undefined,
  };
}

/** Its content may be WebP or GIF: the public name ends as the object's does. */
function preview(job: Job, { preview: made }: EncodeResult, publish: Publish): Outputs['preview'] {
  if (!made) return unavailable(skipReason(job, 'preview') ?? 'No preview could be made');
  const { object, width, height, duration_s } = made;
  const path = publish(object.key.endsWith('.gif') ? 'preview.gif' : 'preview.webp', object);
  return { available: true, path, size_bytes: object.size_bytes, width, height, duration_s };
}

const skipReason = (job: Job, output: string): string | undefined =>
  job.plan?.skipped.find((skipped) => skipped.output === output)?.reason;
