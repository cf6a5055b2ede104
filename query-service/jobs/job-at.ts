import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import { parseJobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { evolve } from '@transcodeflow/shared/read-model/job-document/evolve.ts';
import type { HistoryEntry } from './read-model.ts';

/** The job as its events up to some moment make it; undefined before the first. */
export const jobAt = (job_id: string, history: readonly HistoryEntry[]): JobDocument | undefined =>
  history.reduce<JobDocument | undefined>(
    (document, { id, revision, time, correlation_id, type, data }) =>
      evolve(document, {
        job_id,
        id,
        revision,
        time,
        correlation_id,
        causation_id: undefined,
        event: parseJobEvent(type, data),
      }),
    undefined,
  );
