import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findMediaTools } from '@transcodeflow/processors/ffmpeg/find-media-tools.ts';

const run = promisify(execFile);

const NAMED = { red: '#ff0000', green: '#00ff00', blue: '#0000ff', yellow: '#ffff00' } as const;

/** By name for what we paint, `#rrggbb` for the mean of anything else. */
export type Colour = keyof typeof NAMED | `#${string}`;

/** Top left, top right, bottom left, bottom right. */
export type Quarters = readonly [topLeft: Colour, topRight: Colour, bottomLeft: Colour, bottomRight: Colour];

/** Of 255. Encoding moves a mean by up to 2; BT.601 taken for BT.709 moves one of our 720p clips' by 8 and more. */
const TOLERANCE = 5;

/** @returns the mean colours of the first picture's quarters, as `#rrggbb` */
export async function quartersOf(file: string): Promise<string[]> {
  const { ffmpeg } = await findMediaTools();
  // In two steps: of a whole 1280x720 at once, swscale's mean is up to 9 of 255 off.
  const mean = 'format=gbrp,scale=64:64:flags=area,scale=2:2:flags=area,format=rgb24';
  const raw = ['-vf', mean, '-f', 'rawvideo', '-'];
  const { stdout } = await run(ffmpeg, ['-v', 'error', '-i', file, '-frames:v', '1', ...raw], {
    encoding: 'buffer',
  });
  return [0, 3, 6, 9].map((at) => `#${stdout.toString('hex', at, at + 3)}`);
}

/** @returns the wanted colour where what was seen is as good as that, and else what was seen */
export function asWanted(seen: string, wanted: Colour): string {
  const [a, b] = [channels(seen), channels(wanted in NAMED ? NAMED[wanted as keyof typeof NAMED] : wanted)];
  return a.every((value, index) => Math.abs(value - (b[index] ?? 0)) <= TOLERANCE) ? wanted : seen;
}

const channels = (colour: string) => [...Buffer.from(colour.slice(1), 'hex')];
