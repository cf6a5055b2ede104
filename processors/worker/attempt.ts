import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DISK_FULL, type TaskErrorInfo } from '@transcodeflow/shared/contracts/task-error.ts';
import type { TaskMessage } from '@transcodeflow/shared/contracts/task-reports.ts';
import type { SafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { TaskError } from '../task-error.ts';
import { runTask } from '../tasks/handlers.ts';
import { beat } from './heartbeats.ts';
import { removePrefix } from './remove-prefix.ts';
import type { Reporter, Trace } from './reporter.ts';
import { spaceNeeded } from './space-needed.ts';
import { limitTime } from './time-limit.ts';
import type { WorkSpace } from './work-space.ts';

export interface AttemptDependencies {
  workerId: string;
  objects: ObjectStore;
  web: SafeFetch;
  tools: MediaTools;
  reporter: Reporter;
  /** Parent of the attempts' work folders. */
  workRoot: string;
  log: Logger;
  runTask?: typeof runTask;
  /** Patience with an ffmpeg that shows no sign of life. Default: `runFfmpeg`'s. */
  stall_ms?: number;
  /** Times what a task may take; 0 for any time. Default 1. */
  timeFactor?: number | undefined;
  /** Absent: tasks begin whatever room there is. */
  space?: WorkSpace;
}

/** Why an attempt was aborted: its worker no longer owns it, or the worker itself stops and hands it back. */
export class AttemptAborted extends Error {
  override name = 'AttemptAborted';
  readonly handBack: boolean;
  constructor(reason: string, { handBack = false } = {}) {
    super(reason);
    this.handBack = handBack;
  }
}

/** How long a stopping worker tries to hand its task back; after that the lease runs out instead. */
const HAND_BACK_MS = 5_000;

/**
 * Runs one attempt whose start was announced, from heartbeats to report. Never rejects. What an attempt leaves
 * behind is either named by a report that may be accepted, or removed.
 */
export async function runAttempt(
  message: TaskMessage,
  trace: Trace,
  signal: AbortSignal,
  dependencies: AttemptDependencies,
): Promise<void> {
  const { workerId: worker_id, objects, web, tools, reporter, workRoot, log } = dependencies;
  const { job_id, task_id, epoch, kind, spec, postponed = 0 } = message;
  const id = { job_id, task_id, epoch, worker_id, kind };
  const taskLog = log.child({ job_id, task_id, epoch });
  const prefix = attemptPrefix(job_id, task_id, epoch, worker_id);
  const commands: string[][] = [];
  const started = performance.now();
  const heartbeats = beat(reporter, id, taskLog);
  const limit = limitTime(spec, dependencies.timeFactor ?? 1);
  let giveBack: (() => void) | undefined;
  let mayBeAccepted = false;
  const workFolder = await mkdtemp(join(workRoot, 'task-')).catch((error: Error) => error);
  try {
    if (workFolder instanceof Error) throw workFolder;
    signal.throwIfAborted();
    giveBack = await dependencies.space?.reserve(workFolder, spaceNeeded(spec, !objects.filesInPlace));
    const result = await (dependencies.runTask ?? runTask)(spec, {
      objects,
      web,
      prefix,
      workFolder,
      signal: AbortSignal.any([signal, limit.signal]),
      tools,
      postponed,
      ...(dependencies.stall_ms !== undefined && { stall_ms: dependencies.stall_ms }),
      log: taskLog,
      progress: heartbeats.update,
      ran: (command) => commands.push([...command]),
      degraded: (from, to, reason) => {
        taskLog.warn({ from, to, reason }, 'acceleration degraded');
        void reporter
          .report(
            { type: 'AccelerationDegraded', data: { job_id, task_id, epoch, worker_id, from, to, reason } },
            trace,
            signal,
          )
          .catch(() => {});
      },
    });
    signal.throwIfAborted();
    limit.close();
    const wall_ms = Math.round(performance.now() - started);
    mayBeAccepted = true;
    await reporter.report(
      { type: 'TaskSucceeded', data: { ...id, result, commands, wall_ms } },
      trace,
      signal,
    );
    taskLog.info({ kind, wall_ms }, 'task succeeded');
  } catch (error) {
    const reason: unknown = [signal, limit.signal].find(({ aborted }) => aborted)?.reason ?? error;
    const handsBack = reason instanceof AttemptAborted && reason.handBack;
    if (reason instanceof AttemptAborted && !handsBack)
      taskLog.info({ kind, reason: reason.message }, 'task stopped');
    else taskLog.warn({ kind, err: reason }, 'task failed');
    // A success whose acknowledgement got lost may be accepted: its objects are the job's then. If it is not, they
    // are swept when its report is refused or the job ends.
    if (!mayBeAccepted)
      await removePrefix(objects, prefix).catch((failure) =>
        taskLog.warn({ err: failure }, 'could not remove the objects of a failed attempt'),
      );
    if (reason instanceof AttemptAborted && !handsBack) return;
    const info = handsBack ? interrupted : errorInfo(reason);
    const report = { type: 'TaskFailed', data: { ...id, error: info, commands } } as const;
    await reporter
      .report(report, trace, handsBack ? AbortSignal.timeout(HAND_BACK_MS) : signal)
      .catch(() => {});
  } finally {
    heartbeats.stop();
    limit.close();
    if (!(workFolder instanceof Error))
      await rm(workFolder, { recursive: true, force: true }).catch(() => {});
    giveBack?.();
  }
}

const interrupted: TaskErrorInfo = {
  code: 'interrupted',
  message: 'The machine that ran this step was stopped',
  retryable: true,
};

function errorInfo(error: unknown): TaskErrorInfo {
  if (error instanceof TaskError) return error.info;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
    return {
      code: DISK_FULL,
      message: 'The machine that ran this step has no disk space left',
      detail,
      retryable: true,
    };
  return {
    code: 'internal',
    message: 'An unexpected error occurred while processing the video',
    detail,
    retryable: true,
  };
}
