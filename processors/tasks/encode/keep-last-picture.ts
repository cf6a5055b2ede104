import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pictureSpan } from '../../ffmpeg/picture-span.ts';
import { keepEnd } from '../../ffmpeg/plan/keep-end.ts';
import { probeFile } from '../../ffmpeg/probed-file.ts';
import { runFfmpeg } from '../../ffmpeg/run-ffmpeg.ts';
import type { TaskContext } from '../task-handler.ts';

/** Recordings of phones vary by a few milliseconds: what nobody sees is not worth copying a file for. */
const LEAST_LOSS_S = 0.02;

/**
 * MP4 counts a track's length in the order of decoding, which B frames change: where pictures lie far apart at the end,
 * the last of them are decoded long before they are shown, and players (Chromium, whatever is built on ffmpeg) end
 * there. Such a file is copied with its last sample where it is shown.
 * @param file in the work folder @param movflags as the file was written with
 */
export async function keepLastPicture(
  file: string,
  movflags: readonly string[],
  context: TaskContext,
): Promise<void> {
  const { tools, signal, workFolder: cwd, ran } = context;
  const path = join(cwd, file);
  const span = await pictureSpan(path);
  if (!span || Math.abs(span.shown_s - span.decoded_s) < LEAST_LOSS_S) return;
  const { streams } = await probeFile(tools, ['-i', `file:${path}`], { signal });
  const pictures = streams.find(({ codec_type }) => codec_type === 'video');
  if (!pictures?.nb_frames) return;
  const kept = `kept-${file}`;
  const end_s = (pictures.start_time ?? 0) + span.shown_s;
  await runFfmpeg(
    tools,
    keepEnd({ input: path, output: kept, frames: pictures.nb_frames, end_s, movflags }),
    {
      signal,
      cwd,
      ran,
    },
  );
  await rename(join(cwd, kept), path);
}
