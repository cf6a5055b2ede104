import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { probeFile } from '../ffmpeg/probed-file.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import { ProbeError } from '../ffmpeg/run-ffprobe.ts';
import { untrustedPicture } from '../ffmpeg/untrusted-input.ts';
import { storeFile } from './store-file.ts';
import { TaskError, type TaskHandler } from './task-handler.ts';

/** By content. Anything else that ffmpeg could draw (videos, PDF-like or vector formats) is no thumbnail. */
const CODECS = new Set(['mjpeg', 'png', 'apng', 'webp', 'gif']);
const MAX_PICTURE_PIXELS = 100_000_000;
const MAX_PICTURE_BYTES = 50 * 1024 * 1024;

/**
 * Re-encodes a client's picture as a JPEG of at most `max_width`, metadata stripped, EXIF rotation applied.
 * @throws {TaskError} `invalid_thumbnail`, not retryable, where it is no usable picture
 */
export const thumbnail: TaskHandler<'thumbnail'> = async (spec, context) => {
  const { objects, workFolder, signal, tools, ran } = context;
  const path = await objects.localFile(spec.image.key, workFolder, signal);
  if ((await stat(path)).size > MAX_PICTURE_BYTES) throw invalid('The thumbnail is larger than 50 MB.');
  const probed = await probeFile(tools, untrustedPicture(), { signal, stdin: createReadStream(path) }).catch(
    (error: unknown) => {
      throw error instanceof ProbeError ? invalid(NOT_A_PICTURE, error.log) : error;
    },
  );
  const picture = probed.streams.find(({ codec_type }) => codec_type === 'video');
  const { width = 0, height = 0 } = picture ?? {};
  if (!CODECS.has(picture?.codec_name ?? '') || width === 0 || height === 0)
    throw invalid(NOT_A_PICTURE, picture?.codec_name);
  if (width * height > MAX_PICTURE_PIXELS)
    throw invalid(`The thumbnail is ${width}x${height} pixels, more than can be processed.`);

  const output = join(workFolder, 'custom-thumbnail.jpg');
  const size = `w='max(2,trunc(min(${spec.max_width},iw*sar)/2)*2)':h='max(2,trunc(ow*ih/(iw*sar)/2)*2)'`;
  // Transparency is laid on white: JPEG has none. Scaled first, so that the copies are small.
  const white = 'split[a][b];[a]drawbox=c=white:t=fill:replace=1[w];[w][b]overlay=format=auto';
  const filters = `[0:v:0]scale=${size}:flags=bicubic,format=rgba,setsar=1,${white},scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p[picture]`;
  // biome-ignore format: an option and its value belong on one line
  const args = [
    ...untrustedPicture(), '-filter_complex', filters, '-map', '[picture]', '-frames:v', '1',
    '-map_metadata', '-1', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2', '-update', '1', output,
  ];
  await runFfmpeg(tools, args, { signal, cwd: workFolder, ran, stdin: createReadStream(path) }).catch(
    (error: unknown) => {
      const broken = error instanceof TaskError && error.info.code === 'ffmpeg_failed';
      throw broken ? invalid('The thumbnail is damaged and cannot be decoded.', error.info.detail) : error;
    },
  );
  const made = (await probeFile(tools, ['-i', `file:${output}`], { signal })).streams[0];
  if (!made?.width || !made.height) throw invalid('The thumbnail is damaged and cannot be decoded.');
  context.progress({ fraction: 1 });
  const object = await storeFile(context, 'thumbnail.jpg', output);
  return { kind: 'thumbnail', object, width: made.width, height: made.height };
};

const NOT_A_PICTURE = 'The thumbnail is not a picture that can be read: JPEG, PNG, WebP and GIF are.';

const invalid = (message: string, detail?: string) =>
  new TaskError({ code: 'invalid_thumbnail', message, retryable: false, ...(detail && { detail }) });
