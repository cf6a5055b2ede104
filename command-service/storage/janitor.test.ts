import { Readable } from 'node:stream';
import { jobPrefix, sourceKey } from '@transcodeflow/shared/objects/keys.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { sampleRequest } from '@transcodeflow/shared/testing/job-samples.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { v7 as uuidv7 } from 'uuid';
import type { CommandHandler } from '../command-handler.ts';
import { appendHeld } from './append-held.ts';
import { openStorage } from './open-storage.ts';
import { jobHolder, openTestStorage } from './testing.ts';

/** No lease lapses by itself: time is what the tests make it. */
const NEVER_MS = 1_000_000_000;
const BYTES = 1_000;
const lost = { code: 'upload_timed_out' } as never;

async function open(t: ExecutionContext) {
  const storage = await openTestStorage(t, NEVER_MS);
  const { objects, reservations, rows, commands } = storage;
  const lapse = (id?: string) =>
    rows(
      `update storage.holder set lease_until = now() - interval '1 second'
       where lease_until is not null and ($1::text is null or id = $1)`,
      [id ?? null],
    );
  return {
    ...storage,
    lapse,
    /** An upload that is stored and has no job yet. */
    async stored(id = uuidv7()) {
      const reservation = await reservations.reserve(jobHolder(id), 2 * BYTES);
      const { size } = await objects.put(sourceKey(id), Readable.from([Buffer.alloc(BYTES)]));
      const source = { key: sourceKey(id), size_bytes: size, content_type: 'video/mp4' };
      const data = { job_id: id, ...sampleRequest(id), account_id: 'anna', source };
      const accept = (over: CommandHandler = commands) =>
        appendHeld(
          { commands: over, log: silentLogger },
          reservation,
          { type: 'RequestJob', data },
          { correlation_id: 'x' },
        );
      return { id, reservation, accept };
    },
    has: async (id: string) => (await objects.head(sourceKey(id))) !== undefined,
    holder: async (id: string) =>
      (
        await rows('select bytes::int, lease_until is null as settled from storage.holder where id = $1', [
          id,
        ])
      )[0],
  };
}

test('of an upload whose process died before there was a job everything is removed', async (t) => {
  const { stored, lapse, janitor, has, holder, objects, reservations } = await open(t);
  const [dead, alive] = [await stored(), await stored()];
  await objects.put(`${jobPrefix(dead.id)}thumbnail`, Readable.from(['image']));
  await lapse(dead.id);
  t.is(await janitor.sweep(), 1);
  const left: string[] = [];
  for await (const { key } of objects.list('')) left.push(key);
  t.deepEqual(left, [sourceKey(alive.id)]);
  t.is(await holder(dead.id), undefined);
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 2 * BYTES });
  t.true(await has(alive.id));
});

test('a job whose process died between append and settle keeps its objects and is settled to its size', async (t) => {
  const { stored, lapse, janitor, has, holder, commands } = await open(t);
  const { id, accept } = await stored();
  const { state } = await accept({
    ...commands,
    // Whatever the dead process would have done next it does not do.
    execute: async (...call) => {
      const executed = await commands.execute(...call);
      await lapse(id);
      await janitor.sweep();
      return executed;
    },
  });
  t.is(state?.status, 'queued');
  t.true(await has(id));
  t.deepEqual(await holder(id), { bytes: BYTES, settled: true });
});

test('an upload that was swept makes no job any more', async (t) => {
  const { stored, lapse, janitor, commands, reservations } = await open(t);
  const { id, accept, reservation } = await stored();
  await lapse();
  await janitor.sweep();
  await t.throwsAsync(accept(), lost);
  await t.throwsAsync(reservation.renew(), lost);
  t.is((await commands.load(id)).state, undefined);
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 0 });
});

test('a process that sleeps through its lease between claim and append leaves no job without a source', async (t) => {
  const { stored, lapse, janitor, has, holder, commands } = await open(t);
  const { id, accept } = await stored();
  let isFirst = true;
  const sleepy: CommandHandler = {
    ...commands,
    execute: async (...call) => {
      if (isFirst) {
        isFirst = false;
        await lapse(id);
        await janitor.sweep();
      }
      return commands.execute(...call);
    },
  };
  await t.throwsAsync(accept(sleepy), lost);
  t.is((await commands.load(id)).state?.status, 'deleted');
  t.false(await has(id));
  t.is(await holder(id), undefined);
});

test('a lease that lapsed and was not noticed can still be renewed', async (t) => {
  const { stored, lapse, janitor, has } = await open(t);
  const { id, reservation, accept } = await stored();
  await lapse();
  await reservation.renew();
  t.is(await janitor.sweep(), 0);
  await lapse();
  t.is((await accept()).state?.status, 'queued');
  t.is(await janitor.sweep(), 0);
  t.true(await has(id));
});

test('accepting and sweeping exclude each other: a job has its source and is counted, or there is nothing', async (t) => {
  const { stored, lapse, janitor, has, holder, commands, reservations } = await open(t);
  const outcomes = { jobs: 0, none: 0 };
  for (let round = 0; round < 40; round += 1) {
    const { id, accept } = await stored();
    await lapse(id);
    const sweep = async () => {
      if (round % 2 === 0) await new Promise(setImmediate);
      await janitor.sweep();
    };
    await Promise.allSettled(round % 4 < 2 ? [accept(), sweep()] : [sweep(), accept()]);
    const { state } = await commands.load(id);
    if (state && state.status !== 'deleted') {
      outcomes.jobs += 1;
      t.true(await has(id));
      t.deepEqual(await holder(id), { bytes: BYTES, settled: true });
    } else {
      outcomes.none += 1;
      t.false(await has(id));
      t.is(await holder(id), undefined);
    }
  }
  t.log(`${outcomes.jobs} accepted, ${outcomes.none} swept`);
  t.deepEqual(await reservations.usage('anna'), { used_bytes: outcomes.jobs * BYTES, reserved_bytes: 0 });
});

test('several janitors see to each lapsed upload once', async (t) => {
  const first = await open(t);
  const { url, store, commands, objects } = first;
  const second = await openStorage({ url, store, commands, objects, log: silentLogger, leaseMs: NEVER_MS });
  first.closeAtEnd(second);
  for (let count = 0; count < 50; count += 1) await first.stored();
  await first.lapse();
  const seen = await Promise.all([first.janitor.sweep(), second.janitor.sweep(), first.janitor.sweep()]);
  t.is(
    seen.reduce((sum, count) => sum + count),
    50,
  );
  t.deepEqual(await first.reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 0 });
});

test('what a janitor could not finish is seen to again after its own lease', async (t) => {
  const { stored, lapse, janitor, has, holder, objects, reservations } = await open(t);
  const { id } = await stored();
  let isAway = true;
  const { remove } = objects;
  objects.remove = async (keys) => {
    if (isAway) throw new Error('the store is away');
    return remove.call(objects, keys);
  };
  await lapse();
  t.is(await janitor.sweep(), 1);
  t.true(await has(id));
  t.deepEqual(await holder(id), { bytes: 2 * BYTES, settled: false }, 'what is stored stays counted');
  await t.throwsAsync(
    reservations.reserve(jobHolder(id), 1),
    { code: 'request_in_progress' } as never,
    'nobody stores what is about to be removed',
  );
  isAway = false;
  t.is(await janitor.sweep(), 0, 'its lease runs');
  await lapse();
  t.is(await janitor.sweep(), 1);
  t.false(await has(id));
  t.is(await holder(id), undefined);
});

test('the janitor looks by itself', async (t) => {
  const { reservations, objects, rows } = await openTestStorage(t, 200);
  const id = uuidv7();
  await reservations.reserve(jobHolder(id), BYTES);
  await objects.put(sourceKey(id), Readable.from(['bytes']));
  await until('nothing is held', async () => (await rows('select from storage.holder')).length === 0);
  t.is(await objects.head(sourceKey(id)), undefined);
});
