import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MediaPlaylist, parseMediaPlaylist } from '../ffmpeg/media-playlist.ts';

export interface Variant extends MediaPlaylist {
  name: string;
  /** Path of the playlist, relative to the package. */
  playlist: string;
  /** Every file of the variant, relative to the package. */
  files: string[];
  /** Bits per second of the segment that needs most, and on average. */
  peak: number;
  average: number;
}

/** ffmpeg numbers the init segments of several variants (`init_0.mp4`): each has a folder, so plain `init.mp4` does. */
export async function tidyVariant(folder: string, name: string, index: number): Promise<Variant> {
  const playlist = `${name}/playlist.m3u8`;
  const path = join(folder, playlist);
  let text = await readFile(path, 'utf8');
  const numbered = `init_${index}.mp4`;
  if (text.includes(numbered)) {
    await rename(join(folder, name, numbered), join(folder, name, 'init.mp4'));
    text = text.replaceAll(numbered, 'init.mp4');
    await writeFile(path, text);
  }
  const parsed = parseMediaPlaylist(text);
  let bits = 0;
  let peak = 0;
  let duration = 0;
  const typical = Math.max(...parsed.segments.map((segment) => segment.duration_s));
  for (const segment of parsed.segments) {
    const size = (await stat(join(folder, name, segment.uri))).size * 8;
    bits += size;
    duration += segment.duration_s;
    // RFC 8216 4.3.4.2 takes the peak over runs of 0.5 to 1.5 target durations: a sliver at the end is no peak.
    if (segment.duration_s >= typical / 2) peak = Math.max(peak, size / segment.duration_s);
  }
  const files = [playlist, `${name}/${parsed.init}`, ...parsed.segments.map(({ uri }) => `${name}/${uri}`)];
  return {
    ...parsed,
    name,
    playlist,
    files,
    peak: Math.ceil(peak),
    average: Math.ceil(bits / (duration || 1)),
  };
}
