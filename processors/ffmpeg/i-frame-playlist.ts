import type { ByteRange } from './key-fragment.ts';
import { opening } from './media-playlist.ts';

/** A playlist of keyframes alone (RFC 8216 4.3.3.6), one for each segment, for searching and fast forward. */
export interface IFramePlaylist {
  init: string;
  frames: { uri: string; duration_s: number; range: ByteRange }[];
  target_s: number;
}

export function formatIFrames({ init, frames, target_s }: IFramePlaylist): string {
  const lines = [
    ...opening(target_s),
    '#EXT-X-I-FRAMES-ONLY',
    `#EXT-X-MAP:URI="${init}"`,
    ...frames.flatMap(({ uri, duration_s, range }) => [
      `#EXTINF:${duration_s.toFixed(6)},`,
      `#EXT-X-BYTERANGE:${range.length}@${range.start}`,
      uri,
    ]),
    '#EXT-X-ENDLIST',
  ];
  return `${lines.join('\n')}\n`;
}

/** @returns undefined where the playlist does not say that it is one, or a frame lacks its bytes or duration */
export function parseIFrames(text: string): IFramePlaylist['frames'] | undefined {
  if (!text.startsWith('#EXTM3U\n') || !text.includes('\n#EXT-X-I-FRAMES-ONLY\n')) return undefined;
  const frames: IFramePlaylist['frames'] = [];
  const entry = /^#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n([^#\n]+)$/gm;
  for (const [, duration, length, start, uri = ''] of text.matchAll(entry))
    frames.push({
      uri,
      duration_s: Number(duration),
      range: { start: Number(start), length: Number(length) },
    });
  const listed = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  return frames.length === listed ? frames : undefined;
}
