import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findMediaTools } from '@transcodeflow/processors/ffmpeg/find-media-tools.ts';

const run = promisify(execFile);

/** ffmpeg for making inputs; every file is relative to one folder. */
export interface MakeMedia {
  /** @returns the path of the last argument, the output */
  (...args: readonly string[]): Promise<string>;
  /** Of a file between two runs. */
  path(name: string): string;
}

/** @throws with ffmpeg's log, where an input cannot be made */
export async function openMediaMaker(folder: string): Promise<MakeMedia> {
  const { ffmpeg } = await findMediaTools();
  const make = async (...args: readonly string[]) => {
    await run(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...args], { cwd: folder });
    return join(folder, args.at(-1) ?? '');
  };
  return Object.assign(make, { path: (name: string) => join(folder, name) });
}

/** A moving test picture. @param size `320x180` @param seconds of 25 frames each */
export const moving = (size = '320x180', seconds = 1, rate: number | string = 25): string[] => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`,
];

/** Red and green above, blue and yellow below: tells which way up a picture is. */
export const quartered = (width: number, height: number): string[] => {
  const part = (colour: string) => `color=${colour}:s=${width / 2}x${height / 2}:r=25:d=1`;
  const [red, green, blue, yellow] = ['0xff0000', '0x00ff00', '0x0000ff', '0xffff00'].map(part);
  return [
    '-f',
    'lavfi',
    '-i',
    `${red}[a];${green}[b];${blue}[c];${yellow}[d];[a][b][c][d]xstack=inputs=4:layout=0_0|w0_0|0_h0|w0_h0`,
  ];
};

/** A tone of its own pitch, so that tracks can be told apart. */
export const tone = (seconds = 1, frequency = 330): string[] => [
  '-f',
  'lavfi',
  '-i',
  `sine=frequency=${frequency}:sample_rate=48000:duration=${seconds}`,
];

export const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'] as const;
export const AAC = ['-c:a', 'aac', '-b:a', '64k'] as const;
