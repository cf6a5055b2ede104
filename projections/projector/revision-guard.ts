import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';

/** An event is missing: applying the next one would make a read model that never was. */
export class RevisionGapError extends Error {
  override name = 'RevisionGapError';
  constructor(projection: string, jobId: string, reached: number, got: number) {
    super(`Projection ${projection}: job ${jobId} is at revision ${reached}, the next event is ${got}`);
  }
}

/**
 * The guard of every row: below or at the revision reached an event is a repetition, the next one is applied,
 * anything later stops the projection.
 * @param reached 0 for a job without a row
 * @throws {RevisionGapError}
 */
export function isNext(projection: string, reached: number, { job_id, revision }: JobEventEnvelope): boolean {
  if (revision <= reached) return false;
  if (revision > reached + 1) throw new RevisionGapError(projection, job_id, reached, revision);
  return true;
}
