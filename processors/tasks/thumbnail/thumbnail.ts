import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { probeFile } from '../../ffmpeg/probed-file.ts';
import { runFfmpeg } from '../../ffmpeg/run-ffmpeg.ts';
import { untrustedPicture } from '../../ffmpeg/untrusted-input.ts';
import { TaskError } from '../../task-error.ts';
import { checkPicture, damagedPicture } from '../client-picture.ts';
import { storeFile } from '../store-file.ts';
import type { TaskHandler } from '../task-handler.ts';

/**
 * Re-encodes a client's picture as a JPEG of at most `max_width`, metadata stripped, EXIF rotation applied.
 * @throws {TaskError} `invalid_thumbnail`, not retryable, where it is no usable picture
 */
export const thumbnail: TaskHandler<'thumbnail'> = async (spec, context) => {
  const { objects, workFolder, signal, tools, ran } = context;
  const path = await objects.localFile(spec.image.key, workFolder, signal);
  await checkPicture('thumbnail', path, context);

  const output = join(workFolder, 'custom-thumbnail.jpg');
  const size = `w='max(2,trunc(min(${spec.max_width},iw*sar)/2)*2)':h='max(2,trunc(ow*ih/(iw*sar)/2)*2)'`;
  // Transparency is laid on white: JPEG has none. Scaled first, so that the copies are small.
  const white = 'split[a][b];[a]drawbox=c=white:t=fill:replace=1[w];[w][b]overlay=format=auto';
  // The encoder would write a colour profile, whose text may name people, into the JPEG: it comes as side data.
  const filters = `[0:v:0]sidedata=mode=delete,scale=${size}:flags=bicubic,format=rgba,setsar=1,${white},scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p[picture]`;
  // biome-ignore format: an option and its value belong on one line
  const args = [
    ...untrustedPicture(), '-filter_complex', filters, '-map', '[picture]', '-frames:v', '1',
    '-map_metadata', '-1', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2', '-update', '1', output,
  ];
  await runFfmpeg(tools, args, { signal, cwd: workFolder, ran, stdin: createReadStream(path) }).catch(
    (error: unknown) => {
      const broken = error instanceof TaskError && error.info.code === 'ffmpeg_failed';
      throw broken ? damagedPicture('thumbnail', error.info.detail) : error;
    },
  );
  const made = (await probeFile(tools, ['-i', `file:${output}`], { signal })).streams[0];
  if (!made?.width || !made.height) throw damagedPicture('thumbnail');
  context.progress({ fraction: 1 });
  const object = await storeFile(context, 'thumbnail.jpg', output);
  return { kind: 'thumbnail', object, width: made.width, height: made.height };
};
