import { PassThrough, type Readable } from 'node:stream';
import { execa } from 'execa';
import { TaskError } from '../task-error.ts';
import { boundThreads } from './bound-threads.ts';
import { endWithParent } from './end-with-parent.ts';
import { killedRun } from './killed-run.ts';
import { LogTail } from './log-tail.ts';
import { lowerPriority } from './lower-priority.ts';
import type { MediaTools } from './media-tools.ts';
import { watchMemory } from './memory-watch.ts';
import { STALL_MS, watchStall } from './stall-watch.ts';
import { KILL_AFTER_MS } from './term-then-kill.ts';

export interface PipedRun {
  command: string[];
  /** What ffmpeg writes to `pipe:1`, as fast as it is read. */
  output: Readable;
  /**
   * Settles with the end of its log when ffmpeg has ended by itself, however it ended.
   * @throws {TaskError} `ffmpeg_killed`, `ffmpeg_stalled`, `out_of_memory`; the signal's reason when aborted
   */
  ended: Promise<{ failed: boolean; log: string }>;
}

/** Runs an ffmpeg whose output is read while it is made, such as decoded sound. For all others: `runFfmpeg`. */
export function pipeFfmpeg(
  tools: MediaTools,
  args: readonly string[],
  { signal, stall_ms = STALL_MS }: { signal: AbortSignal; stall_ms?: number },
): PipedRun {
  const all = ['-nostdin', '-hide_banner', '-v', 'error', ...boundThreads(args, tools.threads)];
  const child = execa(tools.ffmpeg, all, {
    cancelSignal: signal,
    forceKillAfterDelay: KILL_AFTER_MS,
    stdin: 'ignore',
    buffer: false,
    reject: false,
  });
  const endWatch = child.pid === undefined ? undefined : endWithParent(child.pid);
  lowerPriority(child.pid);
  const log = new LogTail();
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => log.add(chunk));
  let stalled = false;
  const onStall = () => {
    stalled = true;
    child.kill('SIGKILL');
  };
  // What lies here unread is what ffmpeg waits for: a slow reader is no standstill.
  const output = child.stdout.pipe(new PassThrough());
  const isWaiting = () => output.readableLength > 0;
  const watch = child.pid === undefined ? undefined : watchStall(child.pid, stall_ms, onStall, isWaiting);
  const memory = watchMemory(child, tools.memory_bytes);
  const ended = child
    .finally(() => {
      watch?.close();
      memory.close();
      endWatch?.();
    })
    .then((result) => {
      signal.throwIfAborted();
      if (stalled) throw standstill(log.toString(), ['ffmpeg', ...all], stall_ms);
      memory.assertKept(['ffmpeg', ...all]);
      const killed = killedRun(result, log.toString(), ['ffmpeg', ...all]);
      if (killed) throw killed;
      return { failed: result.failed, log: log.toString() || (result.shortMessage ?? '') };
    });
  // Its owner may look at it only after the reader of the output has ended.
  ended.catch(() => undefined);
  return { command: [tools.ffmpeg, ...all], output, ended };
}

/** @param command a tool's name and its arguments */
export function standstill(log: string, command: readonly string[], stall_ms: number): TaskError {
  const message = 'Processing the video came to a standstill and was ended.';
  const detail = `no sign of life for ${stall_ms / 1000} s\n${log}\n\n${command.join(' ')}`;
  return new TaskError({ code: 'ffmpeg_stalled', message, detail, retryable: true });
}
