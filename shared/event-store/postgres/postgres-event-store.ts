import { DatabaseError, type Pool, type QueryResult } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { destinationsOf, subjectOf } from '../../contracts/routing.ts';
import { storedEventVersion } from '../../contracts/stored-event-contract.ts';
import { migrate } from '../../database/migrate.ts';
import { openPool } from '../../database/pool.ts';
import type { Logger } from '../../telemetry/logger.ts';
import {
  type EventMetadata,
  type EventStore,
  type NewEvent,
  RevisionConflictError,
  type StoredEvent,
} from '../event-store.ts';
import { appendSql } from './append-sql.ts';
import { settledFrontier } from './frontier.ts';
import { createWaker } from './wake.ts';

const UNIQUE_VIOLATION = '23505';

interface EventRow {
  position: string;
  stream: string;
  revision: number;
  id: string;
  type: string;
  version: number;
  data: unknown;
  metadata: EventMetadata;
  time: Date;
}

const toEvent = (row: EventRow): StoredEvent => ({
  ...row,
  position: BigInt(row.position),
  time: row.time.toISOString(),
});

/** Events and outbox in the schema `event_store`, which is created or brought up to date. */
export async function openPostgresEventStore(url: string, log: Logger): Promise<EventStore> {
  await migrate(url, 'event_store', new URL('./migrations/', import.meta.url), log);
  const pool = openPool({ url, name: 'transcodeflow event store', log });
  const wake = createWaker(pool);

  async function append(
    stream: string,
    expected: number,
    events: readonly NewEvent[],
    metadata: EventMetadata,
  ): Promise<StoredEvent[]> {
    if (events.length === 0) return [];
    const rows = events.map((event, index) => ({
      ...event,
      stream,
      revision: expected + index + 1,
      id: uuidv7(),
      version: storedEventVersion(event.type),
      metadata,
    }));
    const routed = rows.flatMap((row) =>
      destinationsOf(row).map((destination) => ({ revision: row.revision, ...destination })),
    );
    const { rows: appended } = await insert(pool, stream, expected, [
      stream,
      expected,
      rows.map((row) => row.revision),
      rows.map((row) => row.id),
      rows.map((row) => row.type),
      rows.map((row) => row.version),
      rows.map((row) => JSON.stringify(row.data)),
      JSON.stringify(metadata),
      routed.map((row) => row.revision),
      routed.map((row) => row.topic),
      routed.map((row) => row.key ?? null),
      routed.map(() => subjectOf(stream)),
    ]);
    if (appended.length !== rows.length) throw new RevisionConflictError(stream, expected);
    wake(new Set(routed.map((row) => row.topic)));
    return rows.map((row, index) => {
      const { position, time } = appended[index] ?? { position: 0n, time: new Date() };
      return { ...row, position: BigInt(position), time: time.toISOString() };
    });
  }

  return {
    append,
    async read(stream, from = 1) {
      const { rows } = await pool.query<EventRow>(
        'select * from event_store.event where stream = $1 and revision >= $2 order by revision',
        [stream, from],
      );
      return rows.map(toEvent);
    },
    async readAll(after, limit, upTo) {
      const { rows } = await pool.query<EventRow>(
        `select * from event_store.event
         where position > $1 and ($3::bigint is null or position <= $3) order by position limit $2`,
        [after.toString(), limit, upTo?.toString() ?? null],
      );
      return rows.map(toEvent);
    },
    frontier: (signal) => settledFrontier(pool, signal),
    async ping() {
      await pool.query('select 1');
    },
    close: () => pool.end(),
  };
}

async function insert(
  pool: Pool,
  stream: string,
  expected: number,
  values: unknown[],
): Promise<QueryResult<{ position: string; revision: number; time: Date }>> {
  try {
    return await pool.query(appendSql, values);
  } catch (error) {
    if (error instanceof DatabaseError && error.code === UNIQUE_VIOLATION)
      throw new RevisionConflictError(stream, expected, { cause: error });
    throw error;
  }
}
