import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import type { Change, ReadModelName } from '@transcodeflow/shared/read-model/channel.ts';
import type { PoolClient } from 'pg';

/** A read model: its tables and how a batch of events changes them. */
export interface Projection {
  /** Also the name of its checkpoint and of its consumer group. */
  name: ReadModelName;
  /** To be raised whenever the same events give other rows than before: the next start then rebuilds the tables. */
  version: number | string;
  /** The file that creates its tables, with unqualified names. What stands in it is part of the version. */
  table: URL;
  /** A query for `(job_id, revision)` of every job that its tables in a schema hold. */
  reached(schema: string): string;
  /**
   * Applies a batch in the caller's transaction, whose search path leads to the tables. Events that were applied
   * before are skipped by revision. The rows do not depend on how the events were batched.
   * @returns the jobs that changed
   * @throws {RevisionGapError}
   */
  apply(client: PoolClient, events: readonly JobEventEnvelope[]): Promise<Change[]>;
}
