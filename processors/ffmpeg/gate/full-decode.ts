import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TaskError } from '../../task-error.ts';
import type { MediaTools } from '../media-tools.ts';
import { type FfmpegOptions, runFfmpeg } from '../run-ffmpeg.ts';
import { GLIMPSE } from './flat-stretches.ts';

export interface Decoded {
  /** undefined when there was not a single one. */
  complaints: string | undefined;
  /** Every frame in 16x9 pixels of luma: 13 MB an hour. */
  glimpses: Uint8Array;
}

const GLIMPSES_FILE = 'glimpses.gray';

/**
 * Decodes one of our outputs, every bit of it: only the smoothing of block edges is left out, where nothing can be wrong
 * (a fifth of the time). @param withAudio false where the same sound is decoded elsewhere
 */
export async function decodeWhole(
  tools: MediaTools,
  path: string,
  withAudio: boolean,
  options: FfmpegOptions,
): Promise<Decoded> {
  const small = `scale=${GLIMPSE.width}:${GLIMPSE.height}:flags=area,format=gray`;
  // biome-ignore format: an option and its value belong on one line
  const args = [
    '-xerror', '-skip_loop_filter', 'all', '-protocol_whitelist', 'file', '-i', `file:${path}`,
    // Time stamps that a coarser clock than the file's makes equal are nothing to complain about.
    '-map', '0:v:0', '-vf', small, '-fps_mode:v', 'passthrough', '-enc_time_base:v', '1:120000',
    '-f', 'rawvideo', GLIMPSES_FILE,
    ...(withAudio ? ['-map', '0:a', '-f', 'null', '-'] : []),
  ];
  const file = join(options.cwd, GLIMPSES_FILE);
  try {
    const { log } = await runFfmpeg(tools, args, { ...options, logLevel: 'error' });
    return { complaints: log || undefined, glimpses: await readFile(file) };
  } catch (error) {
    if (!(error instanceof TaskError) || error.info.code !== 'ffmpeg_failed') throw error;
    return { complaints: error.info.detail ?? error.message, glimpses: new Uint8Array(0) };
  } finally {
    await rm(file, { force: true });
  }
}
