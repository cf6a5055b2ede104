import type { JobEventOf } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';

type ReportOf<T extends TaskReport['type']> = Omit<Extract<TaskReport, { type: T }>['data'], 'job_id'>;

/** What the deciders need of the world outside, handed in so that they stay pure. */
export interface Circumstances {
  now: Date;
  /** A random number from 0 up to 1 that spreads retries. */
  jitter: number;
  /** Seconds of a chunk of a long video. Absent: videos are encoded whole. */
  chunk_s?: number | undefined;
}

/** By clients. */
export type ClientCommand =
  | { type: 'RequestJob'; data: JobEventOf<'JobRequested'>['data'] & { job_id: string } }
  | { type: 'CancelJob'; data: { by: string; reason?: string } }
  | { type: 'RetryJob'; data: { by: string } }
  | { type: 'DeleteJob'; data: { by: string } };

/** By the process manager: reports of workers, and deadlines that came due. */
export type TaskCommand =
  | { type: 'StartTask'; data: ReportOf<'TaskStarted'> }
  | { type: 'SucceedTask'; data: ReportOf<'TaskSucceeded'> }
  | { type: 'FailTask'; data: ReportOf<'TaskFailed'> }
  | { type: 'DegradeTask'; data: ReportOf<'AccelerationDegraded'> }
  | { type: 'LoseTask'; data: { task_id: string; epoch: number; reason: string } }
  | { type: 'RetryTask'; data: { task_id: string; epoch: number } }
  | { type: 'RedispatchTask'; data: { task_id: string; epoch: number } };

export type JobCommand = ClientCommand | TaskCommand;
