import { randomUUID } from 'node:crypto';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import test from 'ava';
import { form, jpegBytes, openCommandService, videoBytes } from '../testing/http.ts';
import { openRequests } from './open-requests.ts';

type Service = Awaited<ReturnType<typeof openCommandService>>;

const upload = ({ call }: Service, key: string, body: FormData, account = 'anna') =>
  call('/api/upload', { method: 'POST', body, headers: { 'Idempotency-Key': key } }, account);
const video = (fill = 7) => form({ file: videoBytes(50_000).fill(fill, 100) });
const requested = async ({ events }: Service) =>
  (await events()).filter((type) => type === 'JobRequested').length;

test('the same key and content get the same answer and make one job', async (t) => {
  const service = await openCommandService(t);
  const first = await upload(service, 'k-1', video());
  const second = await upload(service, 'k-1', video());
  t.is(second.status, 200);
  t.is(second.headers.get('idempotency-replayed'), 'true');
  t.is(second.headers.get('location'), first.headers.get('location'));
  t.deepEqual(await second.json(), await first.json());
  t.is(await requested(service), 1);
  t.is((await service.keys()).length, 1);
});

test('the same key with another content is refused, and nothing is stored for it', async (t) => {
  const service = await openCommandService(t);
  await upload(service, 'k-1', video());
  for (const other of [
    video(8),
    form({ file: videoBytes(50_000).fill(7, 100), options: '{"priority":"low"}' }),
  ]) {
    const refused = await upload(service, 'k-1', other);
    t.is(refused.status, 422);
    t.like(await refused.json(), { code: 'idempotency_mismatch' });
  }
  t.is(await requested(service), 1);
  t.is((await service.keys()).length, 1);
});

test('of concurrent twins one makes the job and all get its answer', async (t) => {
  const service = await openCommandService(t);
  const answers = await Promise.all(Array.from({ length: 6 }, () => upload(service, 'twins', video())));
  const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { job_id: string }[];
  t.deepEqual(
    answers.map(({ status }) => status),
    Array(6).fill(200),
  );
  t.is(new Set(bodies.map(({ job_id }) => job_id)).size, 1);
  t.is(await requested(service), 1);
});

test('a refused request leaves its key free, and keys of other accounts are others', async (t) => {
  const service = await openCommandService(t);
  t.is((await upload(service, 'k-1', form({ file: jpegBytes() }))).status, 400);
  t.is((await upload(service, 'k-1', video())).status, 200);
  const other = await upload(service, 'k-1', video(9), 'bert');
  t.is(other.status, 200);
  t.is(other.headers.get('idempotency-replayed'), null);
  t.is(await requested(service), 2);
});

test('a cancel repeated with its key is answered as before; the key on another route is refused', async (t) => {
  const service = await openCommandService(t);
  const { job_id } = (await (await service.upload(video())).json()) as { job_id: string };
  const headers = { 'Idempotency-Key': 'cancel-1' };
  const cancel = () => service.call(`/api/jobs/${job_id}/cancel`, { method: 'POST', headers });
  t.is((await cancel()).status, 200);
  const again = await cancel();
  t.is(again.status, 200);
  t.like(await again.json(), { status: 'cancelled' });
  t.is((await service.call(`/api/jobs/${job_id}/cancel`, { method: 'POST' })).status, 400);
  t.is((await upload(service, 'cancel-1', video())).status, 422);
});

test('a key that is no key is refused', async (t) => {
  const service = await openCommandService(t);
  t.is((await upload(service, 'a b', video())).status, 400);
  t.is((await upload(service, 'x'.repeat(256), video())).status, 400);
});

test('whoever comes after a crash takes the key over with its job; answers go after a day', async (t) => {
  const url = await testDatabase(t);
  const { requests, close } = await openRequests(url, silentLogger);
  const pool = openPool({ url, name: 'test', max: 1, log: silentLogger });
  t.teardown(async () => {
    await pool.end();
    await close();
  });
  const id = { accountId: 'anna', key: 'k' };
  const [dead, next] = [randomUUID(), randomUUID()];
  const first = await requests.claim(id, 'POST /x', randomUUID(), dead);
  await requests.setFingerprint(id, dead, 'content');
  t.is((await requests.claim(id, 'POST /x', randomUUID(), next)).owner, dead, 'its lease runs');
  await pool.query(`update idempotency.request set lease_until = now() - interval '1 second'`);
  t.like(await requests.claim(id, 'POST /x', randomUUID(), next), {
    owner: next,
    job_id: first.job_id,
    fingerprint: 'content',
  });

  await requests.setAnswer(id, dead, { status: 200, headers: {}, body: 'of the dead' });
  t.is((await requests.find(id))?.answer, null, 'an owner that lost its claim writes nothing');
  await requests.setAnswer(id, next, { status: 200, headers: {}, body: 'ok' });
  await requests.removeOld();
  t.truthy(await requests.find(id));
  await pool.query(`update idempotency.request set created_at = now() - interval '25 hours'`);
  await requests.removeOld();
  t.is(await requests.find(id), undefined);
});
