import { constants, setPriority } from 'node:os';
import { execa } from 'execa';
import { type ProgressUpdate, TaskError } from '../tasks/task-handler.ts';
import { chunksOf } from './chunks-of.ts';
import { endWithParent } from './end-with-parent.ts';
import { LogTail } from './log-tail.ts';
import type { MediaTools } from './media-tools.ts';
import { ProgressParser, type ProgressReport } from './progress-report.ts';

export interface FfmpegOptions {
  signal: AbortSignal;
  /** Told the command line before it starts, e.g. `context.ran`. */
  ran?: (command: readonly string[]) => void;
  /** Relative output names lie here. */
  cwd: string;
  /** Seconds of output expected, to tell the fraction done. */
  duration_s?: number;
  onProgress?: (update: ProgressUpdate) => void;
  /** What `pipe:0` reads. */
  stdin?: AsyncIterable<Uint8Array>;
  /** ffmpeg's `-v`. Default `warning`. */
  logLevel?: 'error' | 'warning' | 'info';
}

export interface FfmpegRun {
  /** What it wrote to `pipe:1`: meant for small listings. */
  stdout: string;
  /** The end of its log, at most 8 KiB. */
  log: string;
  /** The last progress report: `frame` and `out_time_s` count what was written. */
  last: ProgressReport;
}

/** TERM, then KILL after this long: ffmpeg must be gone within 2 s of a cancel. */
const KILL_AFTER_MS = 1500;

/**
 * Runs ffmpeg at lowered priority, without a shell. Warnings in its log are no failure; its exit status decides.
 * @throws {TaskError} `ffmpeg_failed` with the end of the log, `disk_full`; the signal's reason when aborted.
 */
export async function runFfmpeg(
  tools: MediaTools,
  args: readonly string[],
  options: FfmpegOptions,
): Promise<FfmpegRun> {
  const { signal, cwd, duration_s, onProgress, stdin, logLevel } = options;
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
    ...args,
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
  if (child.pid !== undefined) lowerPriority(child.pid);

  const log = new LogTail();
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => log.add(chunk));
  const parser = new ProgressParser();
  let last: ProgressReport = {};
  // With several outputs, the time reported is now one's, now another's: what was done stays done.
  let furthest = 0;
  const reports = child.stdio[3];
  if (reports) {
    reports.setEncoding('utf8').on('data', (chunk: string) => {
      for (const report of parser.add(chunk)) {
        last = report;
        furthest = Math.max(furthest, report.out_time_s ?? 0);
        onProgress?.(toUpdate({ ...report, out_time_s: furthest }, duration_s));
      }
    });
  }

  const result = await child.finally(endWatch);
  signal.throwIfAborted();
  // It never ran: a broken installation, not a broken video.
  if (result.failed && result.exitCode === undefined && !result.isTerminated)
    throw new Error(result.shortMessage);
  if (result.failed) throw failure(log.toString() || (result.shortMessage ?? 'no log'), all);
  return { stdout: result.stdout, log: log.toString(), last };
}

/** Interactive work on the machine comes first. Set before ffmpeg starts its threads, which inherit it. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the platform does not let us: only politeness is lost.
  }
}

function toUpdate({ out_time_s = 0, fps, speed }: ProgressReport, duration_s?: number): ProgressUpdate {
  const fraction = duration_s ? Math.min(1, out_time_s / duration_s) : 0;
  return {
    fraction,
    ...(speed !== undefined && { speed }),
    ...(fps !== undefined && { fps }),
    ...(duration_s && speed && { eta_s: Math.max(0, duration_s - out_time_s) / speed }),
  };
}

function failure(log: string, args: readonly string[]): TaskError {
  if (/No space left on device|ENOSPC/.test(log)) {
    const message = 'The disk of the processing machine is full.';
    return new TaskError({ code: 'disk_full', message, detail: log, retryable: true });
  }
  const message = 'The video could not be processed: ffmpeg failed.';
  return new TaskError({
    code: 'ffmpeg_failed',
    message,
    detail: `${log}\n\nffmpeg ${args.join(' ')}`,
    retryable: true,
  });
}
