import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aacCodecString, videoCodecString } from '../ffmpeg/codec-string.ts';
import { type MediaPlaylist, parseMediaPlaylist, withLastDuration } from '../ffmpeg/media-playlist.ts';
import type { Track } from './package-track.ts';

export interface Variant extends MediaPlaylist {
  track: Track;
  /** Path of the playlist, relative to the package. */
  playlist: string;
  /** Every file of the variant, relative to the package. */
  files: string[];
  /** RFC 6381 name. */
  codec: string;
  /** Bits per second of the segment that needs most, and on average. */
  peak: number;
  average: number;
}

/** Names the files as promised, corrects the playlist, and measures the segments. @param index in ffmpeg's run */
export async function tidyVariant(folder: string, track: Track, index: number): Promise<Variant> {
  const { name, stream } = track;
  const playlist = `${name}/playlist.m3u8`;
  const path = join(folder, playlist);
  // ffmpeg numbers the init segments of several variants: each has a folder of its own, so plain `init.mp4` does.
  const numbered = `init_${index}.mp4`;
  let text = await readFile(path, 'utf8');
  if (text.includes(numbered)) await rename(join(folder, name, numbered), join(folder, name, 'init.mp4'));
  text = text.replaceAll(numbered, 'init.mp4');
  // ffmpeg ends the last segment with the packet decoded last, which B frames make another than the one shown last.
  if (stream.codec_type === 'video') text = withLastDuration(text, track.shown_s);
  await writeFile(path, text);

  const parsed = parseMediaPlaylist(text);
  const files = [playlist, `${name}/${parsed.init}`, ...parsed.segments.map(({ uri }) => `${name}/${uri}`)];
  const init = await readFile(join(folder, name, parsed.init));
  const codec = stream.codec_type === 'video' ? videoCodecString(init) : aacCodecString(stream.profile);
  return { ...parsed, ...(await measure(folder, name, parsed)), track, playlist, files, codec };
}

async function measure(
  folder: string,
  name: string,
  { segments }: MediaPlaylist,
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
    if (duration_s >= typical / 2) peak = Math.max(peak, size / duration_s);
  }
  return { peak: Math.ceil(peak), average: Math.ceil(bits / (duration || 1)) };
}
