import type { JobEventOf } from '@transcodeflow/shared/contracts/job-events.ts';
import type { AcceptedJob } from '@transcodeflow/shared/contracts/rest/jobs.ts';
import type { Identity } from '@transcodeflow/shared/http/app-state.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Attempt } from '../idempotency/once.ts';

/** Pictures of the client's that the job takes along. */
export interface Pictures {
  /** Copies them below the job, right before it is appended, and tells what its event is to name. */
  place(jobId: string): Promise<Pick<JobEventOf<'JobRequested'>['data'], 'thumbnail' | 'watermark'>>;
}

/** What a client asks for, validated; the source is still where the client said it is. */
export interface JobOrder<Source> {
  source: Source;
  /** As the client wants it shown; default: what the source is called. */
  filename: string | undefined;
  /** Of the event, as they are. */
  settings: Pick<
    JobEventOf<'JobRequested'>['data'],
    'account_id' | 'profile' | 'options' | 'priority' | 'metadata' | 'webhook'
  >;
  /** Those of the thumbnail and the watermark, checked and locked. */
  pictures: Pictures;
  identity: Identity;
  attempt: Attempt;
  correlationId: string;
  log: Logger;
  /** Fires when the client hangs up. */
  signal: AbortSignal;
}

/** Brings the source where the job looks for it and requests the job. */
export type TakeSource<Source> = (order: JobOrder<Source>) => Promise<AcceptedJob>;
