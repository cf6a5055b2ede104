import { fileURLToPath } from 'node:url';
import type { MediaTools } from '@transcodeflow/processors/ffmpeg/media-tools.ts';
import { execa } from 'execa';

const SAMPLE = fileURLToPath(new URL('../../../samples/bunny-with-reading.mp4', import.meta.url));

export interface SourceWish {
  seconds: number;
  width: number;
  height: number;
  /** Bits per second; absent: of constant high quality. */
  bitrate?: number;
}

/**
 * A source of any length, size and rate: the sample, again and again, scaled, with a grain like that of a camera (which
 * is also what it takes to fill a high rate). H.264 at 24 frames per second, and AAC.
 */
export async function makeSource(
  tools: MediaTools,
  path: string,
  { seconds, width, height, bitrate }: SourceWish,
): Promise<string> {
  const grain = bitrate ? 12 : 3;
  const rate = bitrate
    ? ['-b:v', String(bitrate), '-maxrate', String(bitrate), '-bufsize', String(bitrate * 2)]
    : ['-crf', '18'];
  // biome-ignore format: an option and its value belong on one line
  await execa(tools.ffmpeg, [
    '-nostdin', '-v', 'error', '-y', '-stream_loop', '-1', '-i', SAMPLE, '-t', String(seconds),
    '-vf', `scale=${width}:${height}:flags=lanczos,noise=alls=${grain}:allf=t`,
    '-c:v', 'libx264', '-preset', 'veryfast', '-g', '48', ...rate, '-c:a', 'aac', '-b:a', '160k', '-ac', '2',
    '-movflags', '+faststart', path,
  ]);
  return path;
}
