import { TaskError } from '../task-error.ts';
import type { MediaTools } from './media-tools.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import { untrustedInput } from './untrusted-input.ts';

/** How far into a stream a first good frame is looked for. */
const LOOK_S = 60;

/**
 * Decodes a stream until its first frame comes out.
 * @returns undefined when one did, else why not: the last line of ffmpeg's log.
 */
export async function trialDecode(
  tools: MediaTools,
  path: string,
  streamIndex: number,
  options: { signal: AbortSignal; cwd: string },
): Promise<string | undefined> {
  const args = [
    ...untrustedInput(path),
    '-map',
    `0:${streamIndex}`,
    '-frames',
    '1',
    '-t',
    String(LOOK_S),
    '-f',
    'framecrc',
    'pipe:1',
  ];
  try {
    const { stdout, log } = await runFfmpeg(tools, args, { ...options, logLevel: 'error' });
    const frames = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return frames.length > 0 ? undefined : lastLine(log) || 'no frame could be decoded';
  } catch (error) {
    if (error instanceof TaskError && error.info.code === 'ffmpeg_failed') {
      return lastLine(error.info.detail?.split('\n\n')[0] ?? '') || 'its decoder failed';
    }
    throw error;
  }
}

/** Without ffmpeg's `[h264 @ 0x55…] `, which differs from run to run. */
const lastLine = (log: string) => (log.trim().split('\n').at(-1) ?? '').replace(/^(\[[^\]]*\]\s*)+/, '');
