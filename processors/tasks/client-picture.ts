import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { MOST_PICTURE_BYTES } from '@transcodeflow/shared/most-picture-bytes.ts';
import { probeFile } from '../ffmpeg/probed-file.ts';
import { ProbeError } from '../ffmpeg/run-ffprobe.ts';
import { untrustedPicture } from '../ffmpeg/untrusted-input.ts';
import { TaskError } from '../task-error.ts';
import type { TaskContext } from './task-handler.ts';

/** By content. Anything else that ffmpeg could draw (videos, PDF-like or vector formats) is no picture. */
const CODECS = new Set(['mjpeg', 'png', 'apng', 'webp', 'gif']);
const MAX_PICTURE_PIXELS = 100_000_000;

/** What a client's picture is for. */
export type PictureUse = 'thumbnail' | 'watermark';

/** @throws {TaskError} `invalid_thumbnail`, `invalid_watermark`, not retryable, where it is no usable picture */
export async function checkPicture(
  use: PictureUse,
  path: string,
  { tools, signal }: Pick<TaskContext, 'tools' | 'signal'>,
): Promise<void> {
  const notOne = `The ${use} is not a picture that can be read: JPEG, PNG, WebP and GIF are.`;
  if ((await stat(path)).size > MOST_PICTURE_BYTES) throw invalid(use, `The ${use} is larger than 50 MB.`);
  const probed = await probeFile(tools, untrustedPicture(), { signal, stdin: createReadStream(path) }).catch(
    (error: unknown) => {
      throw error instanceof ProbeError ? invalid(use, notOne, error.log) : error;
    },
  );
  const picture = probed.streams.find(({ codec_type }) => codec_type === 'video');
  const { width = 0, height = 0 } = picture ?? {};
  if (!CODECS.has(picture?.codec_name ?? '') || width === 0 || height === 0)
    throw invalid(use, notOne, picture?.codec_name);
  if (width * height > MAX_PICTURE_PIXELS)
    throw invalid(use, `The ${use} is ${width}x${height} pixels, more than can be processed.`);
}

export const damagedPicture = (use: PictureUse, detail?: string): TaskError =>
  invalid(use, `The ${use} is damaged and cannot be decoded.`, detail);

const invalid = (use: PictureUse, message: string, detail?: string): TaskError =>
  new TaskError({ code: `invalid_${use}`, message, retryable: false, ...(detail && { detail }) });
