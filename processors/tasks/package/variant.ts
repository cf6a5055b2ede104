import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aacCodecString, videoCodecString } from '../../ffmpeg/codec-string.ts';
import { readClock, readShown, type Shown } from '../../ffmpeg/fragment-times.ts';
import { formatMediaPlaylist, parseMediaPlaylist, targetDuration } from '../../ffmpeg/media-playlist.ts';
import { streamEnd } from '../../ffmpeg/probed-file.ts';
import type { Track } from './track.ts';

export interface Segment {
  uri: string;
  /** Ticks of the variant's timescale until the next segment begins, or the last sample ends. */
  ticks: number;
  duration_s: number;
}

export interface Variant {
  track: Track;
  /** Path of the playlist, relative to the package. */
  playlist: string;
  init: string;
  segments: Segment[];
  /** Ticks per second. */
  timescale: number;
  /** When the first sample is shown, in ticks. */
  start: number;
  /** Init segment and segments, relative to the package. */
  files: string[];
  /** RFC 6381 name. */
  codec: string;
  /** Bits per second of the segment that needs most, and on average. */
  peak: number;
  average: number;
}

const INIT = 'init.mp4';

/** Names the files as promised, and measures the segments. @param index in its output of ffmpeg's run */
export async function tidyVariant(folder: string, track: Track, index: number): Promise<Variant> {
  const { name, stream } = track;
  const playlist = `${name}/playlist.m3u8`;
  const listed = parseMediaPlaylist(await readFile(join(folder, playlist), 'utf8'));
  // ffmpeg numbers the init segments of several variants: each has a folder of its own, so plain `init.mp4` does.
  if (listed.init === `init_${index}.mp4`)
    await rename(join(folder, name, listed.init), join(folder, name, INIT));
  const init = await readFile(join(folder, name, INIT));
  const clock = readClock(init);
  const uris = listed.segments.map(({ uri }) => uri);
  const shown: Shown[] = [];
  for (const uri of uris) shown.push(await readShown(join(folder, name, uri), clock));
  // Of pictures the durations in a segment are those of decoding: the last one of the order may be shown before others.
  const end_s = stream.codec_type === 'video' ? streamEnd(stream) : undefined;
  const end = end_s === undefined ? endOf(shown) : Math.round(end_s * clock.timescale);
  // ffmpeg's own durations are those of decoding times, and count the priming of the sound.
  const segments = uris.map((uri, at): Segment => {
    const ticks = (shown[at + 1]?.start ?? end) - (shown[at]?.start ?? 0);
    return { uri, ticks, duration_s: ticks / clock.timescale };
  });
  const files = [`${name}/${INIT}`, ...uris.map((uri) => `${name}/${uri}`)];
  const codec = stream.codec_type === 'video' ? videoCodecString(init) : aacCodecString(stream.profile);
  const { timescale } = clock;
  const start = shown[0]?.start ?? 0;
  const figures = await measure(folder, name, segments);
  return { track, playlist, init: INIT, segments, timescale, start, files, codec, ...figures };
}

/** RFC 8216 6.2.4: the media playlists of a package have one target duration. */
export async function writePlaylists(folder: string, variants: readonly Variant[]): Promise<void> {
  const target_s = Math.max(...variants.map(({ segments }) => targetDuration(segments)));
  for (const { playlist, init, segments } of variants)
    await writeFile(join(folder, playlist), formatMediaPlaylist({ init, segments, target_s }));
}

/** Where the sample heard last ends. */
const endOf = (shown: readonly Shown[]): number => Math.max(...shown.slice(-2).map(({ end }) => end));

async function measure(
  folder: string,
  name: string,
  segments: readonly Segment[],
): Promise<{ peak: number; average: number }> {
  let bits = 0;
  let duration = 0;
  let peak = 0;
  const typical = Math.max(...segments.map(({ duration_s }) => duration_s));
  for (const { uri, duration_s } of segments) {
    const size = (await stat(join(folder, name, uri))).size * 8;
    bits += size;
    duration += duration_s;
    // RFC 8216 4.1 takes the peak over runs of 0.5 to 1.5 target durations: a sliver at the end is no peak.
    if (duration_s >= typical / 2) peak = Math.max(peak, size / (duration_s || 1));
  }
  return { peak: Math.ceil(peak), average: Math.ceil(bits / (duration || 1)) };
}
