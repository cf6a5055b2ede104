import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findMediaTools } from '@transcodeflow/processors/ffmpeg/find-media-tools.ts';

const run = promisify(execFile);

/**
 * Makes a test video with ffmpeg's own sources: moving picture, and a tone unless it is to be silent.
 * @param gop frames from keyframe to keyframe @param picture a filter graph of lavfi; size, rate and length are its own then
 */
export async function makeVideo(
  file: string,
  {
    size = '640x360',
    seconds = 2,
    rate = 25,
    silent = false,
    gop,
    picture = `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`,
  }: {
    size?: string;
    seconds?: number;
    rate?: number;
    silent?: boolean;
    gop?: number;
    picture?: string;
  } = {},
): Promise<string> {
  const { ffmpeg } = await findMediaTools();
  const audio = silent
    ? []
    : ['-f', 'lavfi', '-i', `sine=frequency=330:sample_rate=48000:duration=${seconds}`];
  await run(ffmpeg, [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, ...audio],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p',
      ...(gop ? ['-g', String(gop)] : []),
      '-c:a',
      'aac',
      '-shortest',
      file,
    ],
  ]);
  return file;
}

/** A JPEG or PNG picture, by the file's ending. */
export async function makePicture(file: string, size = '800x600'): Promise<string> {
  const { ffmpeg } = await findMediaTools();
  await run(ffmpeg, [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    `testsrc=size=${size}`,
    '-frames:v',
    '1',
    file,
  ]);
  return file;
}
