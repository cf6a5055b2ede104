import type { ResultOf } from '@transcodeflow/shared/contracts/task-results.ts';
import type { SpecOf, TaskKind } from '@transcodeflow/shared/contracts/tasks.ts';
import type { SafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import type { ProgressUpdate } from '../progress-update.ts';

/** What a task may use. Everything it creates lies below `prefix` (objects) or `workFolder` (files). */
export interface TaskContext {
  objects: ObjectStore;
  /** For requests to where clients point. */
  web: SafeFetch;
  /** Key prefix of this attempt, ending in `/`; nobody else writes below it. */
  prefix: string;
  /** An empty folder of this attempt's own, removed afterwards by the caller. */
  workFolder: string;
  /** Aborted on cancel, a lost lease or shutdown: children get TERM, then KILL, and the handler rejects. */
  signal: AbortSignal;
  tools: MediaTools;
  /** How often this task has already been put off because the hardware had no place free. Default 0. */
  postponed?: number;
  /** Patience with an ffmpeg that shows no sign of life. Default: `runFfmpeg`'s. */
  stall_ms?: number;
  log: Logger;
  /** Cheap; call as often as there is news. */
  progress(update: ProgressUpdate): void;
  /** Records a command line for the job's history, as it was run. */
  ran(command: readonly string[]): void;
  /** Records that an acceleration was given up for this task, and why. */
  degraded(from: string, to: string, reason: string): void;
}

export type TaskHandler<K extends TaskKind> = (spec: SpecOf<K>, context: TaskContext) => Promise<ResultOf<K>>;
