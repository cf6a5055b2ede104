import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import type { Change, ReadModelName } from '@transcodeflow/shared/read-model/channel.ts';
import type { PoolClient } from 'pg';

/** A read model: its tables and how a batch of events changes them. */
export interface Projection {
  /** Also the name of its checkpoint and of its consumer group. */
  name: ReadModelName;
  /** The file that creates its tables, with unqualified names. */
  table: URL;
  /**
   * Applies a batch in the caller's transaction, whose search path leads to the tables. Events that were applied
   * before are skipped by revision.
   * @returns the jobs that changed
   * @throws {RevisionGapError}
   */
  apply(client: PoolClient, events: readonly JobEventEnvelope[]): Promise<Change[]>;
}
