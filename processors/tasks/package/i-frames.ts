import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatIFrames, type IFramePlaylist } from '../../ffmpeg/i-frame-playlist.ts';
import { keyFragment } from '../../ffmpeg/key-fragment.ts';
import { targetDuration } from '../../ffmpeg/media-playlist.ts';
import type { Variant } from './variant.ts';

/** A variant's keyframes: byte ranges of its segments, so nothing is stored or encoded twice. */
export interface IFrames {
  variant: Variant;
  /** Path of the playlist, relative to the package. */
  playlist: string;
  /** Bits per second of the frame that needs most (RFC 8216 4.3.4.3), and on average. */
  peak: number;
  average: number;
}

/** Headers of a segment's samples: 16 bytes for each, of some hundred. */
const HEAD_BYTES = 256 * 1024;

/** Writes one playlist beside each variant's own. @throws where a segment does not begin with a keyframe */
export async function writeIFrames(folder: string, variants: readonly Variant[]): Promise<IFrames[]> {
  const written: IFrames[] = [];
  for (const variant of variants) {
    const { track, init, segments } = variant;
    const frames: IFramePlaylist['frames'] = [];
    for (const { uri, duration_s } of segments) {
      const range = keyFragment(await headOf(join(folder, track.name, uri)));
      if (!range) throw new Error(`${track.name}/${uri} does not begin with a keyframe`);
      frames.push({ uri, duration_s, range });
    }
    const playlist = `${track.name}/iframes.m3u8`;
    await writeFile(
      join(folder, playlist),
      formatIFrames({ init, frames, target_s: targetDuration(segments) }),
    );
    written.push({ variant, playlist, ...ratesOf(frames) });
  }
  return written;
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function ratesOf(frames: IFramePlaylist['frames']): { peak: number; average: number } {
  const bits = frames.map(({ range }) => range.length * 8);
  const length_s = frames.reduce((sum, { duration_s }) => sum + duration_s, 0);
  return {
    peak: Math.ceil(
      Math.max(...frames.map(({ duration_s, range }) => (range.length * 8) / (duration_s || 1))),
    ),
    average: Math.ceil(bits.reduce((sum, each) => sum + each, 0) / (length_s || 1)),
  };
}
