/** An event is missing: applying the next one would make a read model that never was. */
export class RevisionGapError extends Error {
  override name = 'RevisionGapError';
  constructor(projection: string, id: string, reached: number, got: number) {
    super(`Projection ${projection}: ${id} is at revision ${reached}, the next event is ${got}`);
  }
}

/** An event's number in the stream of its job, its API key or its webhook endpoint. */
type Numbered = { revision: number } & ({ job_id: string } | { subject: string });

/**
 * The guard of every row: below or at the revision reached an event is a repetition, the next one is applied,
 * anything later stops the projection.
 * @param reached 0 for a stream without a row
 * @throws {RevisionGapError}
 */
export function isNext(projection: string, reached: number, event: Numbered): boolean {
  const { revision } = event;
  if (revision <= reached) return false;
  if (revision > reached + 1) {
    const id = 'job_id' in event ? `job ${event.job_id}` : event.subject;
    throw new RevisionGapError(projection, id, reached, revision);
  }
  return true;
}
