import { TaskError } from '../../tasks/task-handler.ts';
import type { MediaTools } from '../media-tools.ts';
import { type FfmpegOptions, runFfmpeg } from '../run-ffmpeg.ts';

/** Decodes every stream of one of our outputs. @returns undefined when there was not a single complaint */
export async function decodeComplaints(
  tools: MediaTools,
  path: string,
  options: FfmpegOptions,
): Promise<string | undefined> {
  // The discarding muxer must not complain about time stamps that a coarser clock than the file's makes equal.
  const clock = ['-fps_mode:v', 'vfr', '-enc_time_base:v', '1:120000'];
  const args = [
    '-xerror',
    '-protocol_whitelist',
    'file',
    '-i',
    `file:${path}`,
    '-map',
    '0',
    ...clock,
    '-f',
    'null',
    '-',
  ];
  try {
    const { log } = await runFfmpeg(tools, args, { ...options, logLevel: 'error' });
    return log || undefined;
  } catch (error) {
    if (error instanceof TaskError && error.info.code === 'ffmpeg_failed')
      return error.info.detail ?? error.message;
    throw error;
  }
}
