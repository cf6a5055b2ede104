import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { jobHolder as job, openTestStorage as open } from './testing.ts';

test('only what is settled is corrected: to fewer bytes, or to none', async (t) => {
  const { reservations } = await open(t);
  const asked: string[] = [];
  const held = (id: string, bytes?: number) => async () => {
    asked.push(id);
    return bytes;
  };
  const settled = await reservations.reserve(job('a', 1_000), 900);
  await settled.settle(900);
  await reservations.reserve(job('b', 1_000), 100);
  await reservations.correct('b', held('b', 5));
  await reservations.correct('never was', held('never was', 5));
  t.deepEqual(asked, []);
  await reservations.correct('a', held('a', 300));
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 300, reserved_bytes: 100 });
  await reservations.correct('a', held('a'));
  await reservations.correct('a', held('a'));
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 100 });
  t.deepEqual(asked, ['a', 'a']);
});

test('bytes that are set aside again while the old ones are being given back are not lost with them', async (t) => {
  const { reservations, rows } = await open(t);
  await (await reservations.reserve(job('a'), 900)).settle(900);
  const answer = Promise.withResolvers<undefined>();
  const locked = Promise.withResolvers<void>();
  const correcting = reservations.correct('a', () => {
    locked.resolve();
    return answer.promise;
  });
  await locked.promise;
  const again = reservations.reserve(job('a'), 700);
  const isWaiting = async () =>
    (
      await rows(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%storage.holder%'`,
      )
    ).length > 0;
  await until('the second one waits for the row', isWaiting);
  answer.resolve(undefined);
  await correcting;
  await (await again).settle(700);
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 700, reserved_bytes: 0 });
});
