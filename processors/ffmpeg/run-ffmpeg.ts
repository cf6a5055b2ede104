import { DISK_FULL } from '@transcodeflow/shared/contracts/task-error.ts';
import { execa } from 'execa';
import type { ProgressUpdate } from '../progress-update.ts';
import { TaskError } from '../task-error.ts';
import { boundThreads } from './bound-threads.ts';
import { chunksOf } from './chunks-of.ts';
import { endWithParent } from './end-with-parent.ts';
import { killedRun } from './killed-run.ts';
import { LogTail } from './log-tail.ts';
import { lowerPriority } from './lower-priority.ts';
import type { MediaTools } from './media-tools.ts';
import { watchMemory } from './memory-watch.ts';
import { standstill } from './pipe-ffmpeg.ts';
import { type Expectation, ProgressEstimate } from './progress-estimate.ts';
import { ProgressParser, type ProgressReport } from './progress-report.ts';
import { watchReading } from './read-progress.ts';
import { STALL_MS, watchStall } from './stall-watch.ts';
import { KILL_AFTER_MS } from './term-then-kill.ts';

/** Characters of a line that has no end yet. */
const MOST_OF_A_LINE = 4_096;

export interface FfmpegOptions extends Expectation {
  signal: AbortSignal;
  /** Told the command line before it starts, e.g. `context.ran`. */
  ran?: (command: readonly string[]) => void;
  /** Relative output names lie here. */
  cwd: string;
  onProgress?: (update: ProgressUpdate) => void;
  /** What `pipe:0` reads. */
  stdin?: AsyncIterable<Uint8Array>;
  /** ffmpeg's `-v`. Default `warning`. */
  logLevel?: 'error' | 'warning' | 'info';
  /** A line of the log by which the run has failed, however it would go on: it is ended there. */
  hopeless?: RegExp;
  /** Without any sign of life for this long it is ended. Default 120 000. */
  stall_ms?: number;
}

export interface FfmpegRun {
  /** What it wrote to `pipe:1`: meant for small listings. */
  stdout: string;
  /** The end of its log, at most 8 KiB. */
  log: string;
  /** The last progress report: `frame` and `out_time_s` count what was written. */
  last: ProgressReport;
}

/**
 * Runs ffmpeg at lowered priority, without a shell. Warnings in its log are no failure; its exit status decides.
 * @throws {TaskError} `ffmpeg_failed` with the end of the log, `ffmpeg_killed`, `disk_full`, `ffmpeg_stalled`, `out_of_memory`; the signal's
 * reason when aborted.
 */
export async function runFfmpeg(
  tools: MediaTools,
  args: readonly string[],
  options: FfmpegOptions,
): Promise<FfmpegRun> {
  const { signal, cwd, onProgress, stdin, logLevel, hopeless, stall_ms = STALL_MS } = options;
  signal.throwIfAborted();
  const all = [
    '-nostdin',
    '-hide_banner',
    '-nostats',
    '-v',
    logLevel ?? 'warning',
    '-y',
    '-progress',
    'pipe:3',
    ...boundThreads(args, tools.threads),
  ];
  options.ran?.([tools.ffmpeg, ...all]);
  const child = execa(tools.ffmpeg, all, {
    cwd,
    cancelSignal: signal,
    forceKillAfterDelay: KILL_AFTER_MS,
    stdio: [stdin ? chunksOf(stdin) : 'ignore', 'pipe', 'pipe', 'pipe'],
    buffer: { stdout: true, stderr: false, fd3: false },
    reject: false,
  });
  const endWatch = child.pid === undefined ? undefined : endWithParent(child.pid);
  lowerPriority(child.pid);

  let stalled = false;
  const watch =
    child.pid === undefined
      ? undefined
      : watchStall(child.pid, stall_ms, () => {
          stalled = true;
          child.kill('SIGKILL');
        });
  const memory = watchMemory(child, tools.memory_bytes);
  child.stdout.on('data', () => watch?.alive());
  const log = new LogTail();
  let end: string | undefined;
  let line = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log.add(chunk);
    watch?.alive();
    if (!hopeless || end !== undefined) return;
    const lines = `${line}${chunk}`.split('\n');
    line = lines.pop()?.slice(-MOST_OF_A_LINE) ?? '';
    end = lines.find((each) => hopeless.test(each));
    if (end !== undefined) child.kill('SIGKILL');
  });
  const parser = new ProgressParser();
  const estimate = new ProgressEstimate(options);
  let last: ProgressReport = {};
  const reading =
    child.pid === undefined || !options.source_bytes
      ? undefined
      : watchReading(child.pid, options.source_bytes, (fraction) => onProgress?.(estimate.read(fraction)));
  child.stdio[3]?.setEncoding('utf8').on('data', (chunk: string) => {
    for (const report of parser.add(chunk)) {
      // A timer writes the reports, also while everything else stands still.
      if (report.frame !== last.frame || report.out_time_s !== last.out_time_s) watch?.alive();
      last = report;
      // Reading runs ahead: from here on what was written counts.
      reading?.close();
      onProgress?.(estimate.add(report));
    }
  });

  const result = await child.finally(() => {
    watch?.close();
    reading?.close();
    memory.close();
    endWatch?.();
  });
  signal.throwIfAborted();
  if (stalled) throw standstill(log.toString(), ['ffmpeg', ...all], stall_ms);
  memory.assertKept(['ffmpeg', ...all]);
  if (end !== undefined) throw failure(end, all, result.exitCode);
  const killed = killedRun(result, log.toString(), ['ffmpeg', ...all]);
  if (killed) throw killed;
  // It never ran: a broken installation, not a broken video.
  if (result.failed && result.exitCode === undefined && !result.isTerminated)
    throw new Error(result.shortMessage);
  if (result.failed) throw failure(log.toString() || (result.shortMessage ?? 'no log'), all, result.exitCode);
  return { stdout: result.stdout, log: log.toString(), last };
}

/** ffmpeg ends with the low byte of its error: -ENOSPC, -EDQUOT. */
const FULL_STATUS = new Set([256 - 28, 256 - 122]);

function failure(log: string, args: readonly string[], status: number | undefined): TaskError {
  if (FULL_STATUS.has(status ?? 0) || /No space left on device|Disk quota exceeded|ENOSPC/.test(log)) {
    const message = 'The disk of the processing machine is full.';
    return new TaskError({ code: DISK_FULL, message, detail: log, retryable: true });
  }
  const message = 'The video could not be processed: ffmpeg failed.';
  return new TaskError({
    code: 'ffmpeg_failed',
    message,
    detail: `${log}\n\nffmpeg ${args.join(' ')}`,
    retryable: true,
  });
}
