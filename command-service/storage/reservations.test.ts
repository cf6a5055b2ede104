import test from 'ava';
import { jobHolder as job, openTestStorage as open } from './testing.ts';

const full = { code: 'quota_exceeded' } as never;
const gone = { code: 'upload_timed_out' } as never;

test('50 parallel reservations against a quota for 10 admit exactly 10', async (t) => {
  const { reservations } = await open(t);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, n) => reservations.reserve(job(`job-${n}`, 1_000), 100)),
  );
  const refusals = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason.code] : [],
  );
  t.deepEqual(refusals, Array(40).fill('quota_exceeded'));
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 1_000 });
});

test('bytes are reserved, grow, are settled to the exact size, and are released by id', async (t) => {
  const { reservations } = await open(t);
  const reservation = await reservations.reserve(job('a', 1_000), 0);
  await reservation.grow(700);
  await reservation.grow(600);
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 700 });
  await t.throwsAsync(reservation.grow(1_001), full);
  await reservation.settle(650);
  await reservation.settle(1);
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 650, reserved_bytes: 0 });
  await reservation.release();
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 650, reserved_bytes: 0 }, 'settled is settled');
  await reservations.release('a');
  await reservations.release('a');
  await reservations.release('never was');
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 0 });
  t.deepEqual(await reservations.usage('nobody'), { used_bytes: 0, reserved_bytes: 0 });
});

test('a refusal tells what is taken and what was asked for', async (t) => {
  const { reservations } = await open(t);
  await (await reservations.reserve(job('a', 1_000), 900)).settle(900);
  const refusal = await t.throwsAsync(reservations.reserve(job('b', 1_000), 200), full);
  t.regex(refusal?.message ?? '', /^900 of your 1000 bytes are taken, and this upload needs 200 more/);
});

test('accounts do not count for one another, and without a quota all is admitted', async (t) => {
  const { reservations } = await open(t);
  await reservations.reserve(job('a', 100), 100);
  await reservations.reserve(job('b', 100, 'bert'), 100);
  await reservations.reserve(job('c', null), 2 ** 50);
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 2 ** 50 + 100 });
  t.deepEqual(await reservations.usage('bert'), { used_bytes: 0, reserved_bytes: 100 });
});

test('a quota that was lowered below what is held refuses more and lets everything else happen', async (t) => {
  const { reservations } = await open(t);
  const first = await reservations.reserve(job('a', 1_000), 900);
  await t.throwsAsync(reservations.reserve(job('b', 100), 1), full);
  await first.settle(800);
  await reservations.release('a');
  await reservations.reserve(job('b', 100), 100);
});

test('a second attempt takes the bytes over and fences the first one', async (t) => {
  const { reservations } = await open(t);
  const first = await reservations.reserve(job('a', 1_000), 900);
  const second = await reservations.reserve(job('a', 1_000), 800);
  for (const call of [first.grow(900), first.renew(), first.settle(900)]) await t.throwsAsync(call, gone);
  await first.release();
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 800 });
  await second.settle(750);
  await t.throwsAsync(reservations.reserve(job('a', 1_000), 10), { code: 'request_in_progress' } as never);
});

test('an upload’s bytes become its job’s without being counted twice, also when the transfer is repeated', async (t) => {
  const { reservations } = await open(t);
  const upload = await reservations.reserve({ ...job('u', 1_000), kind: 'upload' }, 1_000);
  await upload.settle(1_000);
  await reservations.transfer('u', 'j');
  const again = await reservations.transfer('u', 'j');
  await again.settle(1_000);
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 1_000, reserved_bytes: 0 });
  await reservations.release('u');
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 1_000, reserved_bytes: 0 });
  await reservations.release('j');
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 0 });
  await t.throwsAsync(reservations.transfer('u', 'k'), gone);
});
