import { join } from 'node:path';
import type { PreviewSpec } from '@transcodeflow/shared/contracts/pictures.ts';
import { planPreview, previewFile } from '../../ffmpeg/plan/preview-plan.ts';
import { runFfmpeg } from '../../ffmpeg/run-ffmpeg.ts';
import { TaskError } from '../../task-error.ts';
import { storeFile } from '../store-file.ts';
import type { TaskContext } from '../task-handler.ts';

/**
 * Makes and stores the animated preview. What no preview can be made of costs nobody the video.
 * @param rendition path of one of ours, the smallest @returns undefined where ffmpeg could not make it
 */
export async function storePreview(
  spec: PreviewSpec,
  rendition: string,
  duration_s: number,
  context: TaskContext,
) {
  const { tools, signal, workFolder: cwd, ran, log } = context;
  const args = planPreview(spec, rendition, duration_s, tools.encoders);
  try {
    const { stdout } = await runFfmpeg(tools, args, { signal, cwd, ran });
    const pictures = stdout.split('\n').filter((line) => /^0,/.test(line)).length;
    if (pictures === 0) return undefined;
    const file = previewFile(tools.encoders);
    const object = await storeFile(context, file, join(cwd, file));
    const { width, height, frame_rate } = spec;
    return { object, width, height, duration_s: pictures / frame_rate };
  } catch (error) {
    if (!(error instanceof TaskError) || error.info.code !== 'ffmpeg_failed') throw error;
    log.warn({ error: error.info }, 'No preview could be made');
    return undefined;
  }
}
