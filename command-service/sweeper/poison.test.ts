import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { openDeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { testOperator } from '@transcodeflow/shared/dead-letters/testing.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { jobPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { openStorage } from '../storage/open-storage.ts';
import { openCore } from '../testing/core.ts';
import { startSweeper } from './sweeper.ts';

test('I9: a job whose stream is damaged keeps the sweeper from no other, and is swept after the retry', async (t) => {
  const core = await openCore(t);
  const { url, bus, commands, store } = core;
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-sweeper-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const objects = await openDirectoryStore(folder);
  const storage = await openStorage({ url, store, commands, objects, log: silentLogger });
  core.closeAtEnd(storage);
  const deadLetters = await openDeadLetters({ url, bus, log: silentLogger });
  core.closeAtEnd(deadLetters);
  core.closeAtEnd(
    await startSweeper({
      bus,
      commands,
      objects,
      reservations: storage.reservations,
      deadLetters,
      log: silentLogger,
    }),
  );
  const pool = openPool({ url, name: 'test', max: 1, log: silentLogger });
  t.teardown(() => pool.end());
  const operator = testOperator(pool);

  const [job, other] = [await core.request(), await core.request()];
  const leftover = (id: string) => `${jobPrefix(id)}attempt/part.mp4`;
  for (const id of [job, other]) {
    await objects.put(leftover(id), Readable.from(['bytes']));
    await commands.execute(id, { type: 'CancelJob', data: { by: 'test' } }, { correlation_id: 'x' });
  }
  const { length } = await store.read(jobStream(job));
  await store.append(jobStream(job), length, [{ type: 'FromTheFuture', data: {} }], { correlation_id: 'x' });
  core.relay();
  const isGone = async (id: string) => (await objects.head(leftover(id))) === undefined;
  await until('the other is swept', () => isGone(other));
  await until('the damaged one parks', async () => (await operator.parked()).length > 0);
  t.false(await isGone(job));
  const before = await operator.list();
  t.true(before.every(({ consumer, job_id }) => consumer === 'sweeper' && job_id === job));

  await core.rows(`delete from event_store.event where type = 'FromTheFuture'`);
  await until('its events are all parked', async () => (await operator.list()).length === 2);
  await operator.retry({ job });
  t.true(await isGone(job));
});
