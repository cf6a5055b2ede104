import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Watermark } from '@transcodeflow/shared/contracts/watermark.ts';
import { WATERMARK_FILE } from '../ffmpeg/plan/overlay.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import { untrustedPicture } from '../ffmpeg/untrusted-input.ts';
import { TaskError } from '../task-error.ts';
import { checkPicture, damagedPicture } from './client-picture.ts';
import type { TaskContext } from './task-handler.ts';

/** Sharp on the widest video there is at half its width. */
const MOST_WIDTH = 4096;

/**
 * Makes of a client's picture a PNG of our own in the work folder, metadata stripped: what runs beside the untrusted video
 * is not untrusted itself. The same picture gives the same PNG, so that the gate lays on what the encode laid on.
 * @throws {TaskError} `invalid_watermark`, not retryable
 */
export async function prepareWatermark({ image }: Watermark, context: TaskContext): Promise<void> {
  const { objects, workFolder, signal, tools, ran } = context;
  const path = await objects.localFile(image.key, workFolder, signal);
  await checkPicture('watermark', path, context);
  const filters = `[0:v:0]scale=w='min(${MOST_WIDTH},iw*sar)':h=-1:flags=bicubic,setsar=1,format=rgba[picture]`;
  // biome-ignore format: an option and its value belong on one line
  const args = [
    ...untrustedPicture(), '-filter_complex', filters, '-map', '[picture]', '-frames:v', '1',
    '-map_metadata', '-1', '-c:v', 'png', '-f', 'image2', '-update', '1', join(workFolder, WATERMARK_FILE),
  ];
  await runFfmpeg(tools, args, { signal, cwd: workFolder, ran, stdin: createReadStream(path) }).catch(
    (error: unknown) => {
      const broken = error instanceof TaskError && error.info.code === 'ffmpeg_failed';
      throw broken ? damagedPicture('watermark', error.info.detail) : error;
    },
  );
}
