import type { Change, ReadModelName } from '@transcodeflow/shared/read-model/channel.ts';
import type { PoolClient } from 'pg';
import type { EventEnvelope, EventFamily } from './event-family.ts';

/** A read model: its tables and how a batch of events changes them. */
export interface Projection<E extends EventEnvelope = EventEnvelope> {
  /** Also the name of its checkpoint and of its consumer group. */
  name: ReadModelName;
  /** To be raised whenever the same events give other rows than before: the next start then rebuilds the tables. */
  version: number | string;
  /** The events that `apply` is given; it may leave out those that it has no use for. */
  family: EventFamily<E>;
  /** The file that creates its tables, with unqualified names. What stands in it is part of the version. */
  table: URL;
  /** A query for `(id, revision)` of every stream that its tables in a schema hold: of every job, of every key. */
  reached(schema: string): string;
  /** The stream of such an id. */
  stream(id: string): string;
  /** Columns that differ between tables built from the same events, so that they are not compared. */
  bookkeeping?: readonly string[];
  /** Completes new tables in the transaction that makes them the live ones; the search path leads to them. */
  beforeSwitch?(client: PoolClient): Promise<void>;
  /**
   * Applies a batch in the caller's transaction, whose search path leads to the tables. Events that were applied
   * before are skipped by revision. The rows do not depend on how the events were batched.
   * @returns the jobs or keys that changed
   * @throws {RevisionGapError}
   */
  apply(client: PoolClient, events: readonly E[]): Promise<Change[]>;
}
