import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import test from 'ava';
import { openCore } from '../testing/core.ts';
import { openStorage } from './open-storage.ts';
import { jobHolder } from './testing.ts';

test('jobs of before the accounting are counted, once, and deleted ones are not', async (t) => {
  const core = await openCore(t);
  const { url, store, commands, rows } = core;
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-backfill-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const objects = await openDirectoryStore(folder);
  const open = async () => {
    const storage = await openStorage({ url, store, commands, objects, log: silentLogger });
    core.closeAtEnd(storage);
    return storage.reservations;
  };

  const jobs = [await core.request(), await core.request(), await core.request(), await core.request()];
  const [deleted = '', cancelled = '', damaged = ''] = jobs;
  await commands.execute(deleted, { type: 'DeleteJob', data: { by: 'x' } }, { correlation_id: 'x' });
  await commands.execute(cancelled, { type: 'CancelJob', data: { by: 'x' } }, { correlation_id: 'x' });
  await rows(`update event_store.event set data = '{}' where stream = $1 and type = 'JobRequested'`, [
    jobStream(damaged),
  ]);
  const { state } = await commands.load(cancelled);
  const { account_id, source } = state?.request ?? (t.fail() as never);
  const size = 'key' in source ? source.size_bytes : 0;
  t.true(size > 0);

  const [first] = await Promise.all([open(), open(), open()]);
  const usage = () => first.usage(account_id);
  t.deepEqual(await usage(), { used_bytes: 2 * size, reserved_bytes: 0 });
  await first.release(cancelled);
  await (await first.reserve(jobHolder('new', null, account_id), 5)).settle(5);
  await open();
  t.deepEqual(await usage(), { used_bytes: size + 5, reserved_bytes: 0 }, 'only the first start counts them');
});
