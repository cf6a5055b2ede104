import { FFMPEG_KILLED } from '@transcodeflow/shared/contracts/task-error.ts';
import { TaskError } from '../task-error.ts';

/** Signals by which others end a process. All others are its own doing: a decoder that crashes says something about the file. */
const OF_OTHERS = new Set(['SIGKILL', 'SIGTERM']);

/**
 * ffmpeg catches SIGTERM (and SIGINT), and ends with this status, whatever it has done by then (seen). It ends so after
 * EPERM, too, but names that: of 170 damaged files and five missing devices, all six that ended so did.
 */
const CAUGHT = 255;
const EPERM = /Operation not permitted/;

/**
 * Where ffmpeg was ended by somebody else: mostly the kernel whose memory is short, which takes our children first
 * (`lowerPriority`), or a person. That says nothing about the file which another attempt might not contradict. Ask it only
 * after every reason that we kill for.
 * @param command a tool's name and its arguments
 */
export function killedRun(
  { signal, exitCode }: { signal?: string | undefined; exitCode?: number | undefined },
  log: string,
  command: readonly string[],
): TaskError | undefined {
  const caught = exitCode === CAUGHT && !EPERM.test(log);
  if (!caught && !OF_OTHERS.has(signal ?? '')) return undefined;
  const message =
    'Processing the video was ended from outside, most likely because the machine ran short of memory.';
  const advice =
    'Where its kernel was short of memory: more of it, fewer PROCESSOR_SLOTS, or a lower FFMPEG_MEMORY_MB.';
  const end = `ended by ${signal ?? 'a signal that it caught'}, which this processor did not send. ${advice}`;
  const detail = `${log ? `${log}\n` : ''}${end}\n\n${command.join(' ')}`;
  return new TaskError({ code: FFMPEG_KILLED, message, detail, retryable: true });
}
