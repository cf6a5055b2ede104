import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import type { ExecutionContext } from 'ava';
import { createTables } from '../projector/create-tables.ts';
import type { EventEnvelope } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { startProjector } from '../projector/projector.ts';
import { projections } from '../start.ts';
import { envelopes, events } from './histories.ts';

export const JOB = '019b7a11-7000-7000-8000-00000000000a';
export const OTHER = '019b7a11-7000-7000-8000-00000000000b';

/** The read models' tables, and projectors that follow a bus where a test wants them. */
export async function openProjector(t: ExecutionContext) {
  const url = await testDatabase(t);
  const pool = openPool({ url, name: 'test', max: 5, log: silentLogger });
  const bus = createInProcessBus();
  await createTables(pool, url, projections, silentLogger);
  t.teardown(async () => {
    await bus.close();
    await pool.end();
  });
  const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await pool.query(sql)).rows;
  return {
    url,
    pool,
    bus,
    rows,
    project: <E extends EventEnvelope>(projection: Projection<E>) =>
      startProjector(projection, { bus, pool, log: silentLogger }),
    revisionOf: async (job: string) =>
      (await rows(`select revision from read_model.job where job_id = '${job}'`))[0]?.revision,
    offsets: () => rows('select projection, next_offset from read_model.checkpoint order by projection'),
  };
}

/** Four events, up to the cancel. */
export const history = (job: string) =>
  envelopes(job, [
    events.requested(job),
    events.scheduled('inspect'),
    events.started('inspect'),
    events.cancelled,
  ]);
