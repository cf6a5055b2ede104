import test, { type ExecutionContext } from 'ava';
import { openUploadState } from '../resumable/testing.ts';
import { videoBytes } from '../testing/http.ts';
import { refused } from '../testing/refused.ts';

const SIZE = 20_000;

async function open(t: ExecutionContext) {
  const state = await openUploadState(t);
  const instance = await state.start();
  const post = (body: string, type = 'application/json', key?: string) =>
    instance.call('/api/jobs', { method: 'POST', headers: { 'Content-Type': type }, body }, key);
  return {
    ...state,
    ...instance,
    post,
    async upload(): Promise<string> {
      const path = await instance.begin(SIZE, undefined, 'C:\\films\\a\u202eb.mp4');
      await instance.patch(path, 0, videoBytes(SIZE));
      return path;
    },
  };
}

test('what is wrong with a job is told field by field', async (t) => {
  const { post, jobs, createJob } = await open(t);
  const unknown = '019b7a11-7000-7000-8000-0000000000ff';
  const fields = async (body: object) =>
    Object.keys(
      (await refused(t, await post(JSON.stringify(body)), 422, 'invalid_fields')).errors ?? {},
    ).sort();
  const source = { upload_id: unknown };
  t.deepEqual(await fields({}), ['source']);
  t.deepEqual(await fields({ source: { upload_id: 'x' } }), ['source.upload_id']);
  t.deepEqual(await fields({ source: { upload_id: unknown, url: 'https://example.com/a.mp4' } }), ['source']);
  t.deepEqual(await fields({ source: { url: 'file:///etc/passwd' } }), ['source.url']);
  t.deepEqual(
    await fields({ source, priority: 'urgent', language: 'english', profile: 'cinema', metadata: { a: 1 } }),
    ['language', 'metadata.a', 'priority', 'profile'],
  );
  t.deepEqual(await fields({ source, webhook: { url: 'ftp://example.com' } }), ['webhook.url']);
  t.deepEqual(await fields({ source, filename: '' }), ['filename']);
  t.deepEqual(await fields({ source, more: 1 }), ['body']);
  const problem = await refused(t, await createJob(unknown), 422, 'invalid_fields');
  t.deepEqual(problem.errors, { 'source.upload_id': 'no such upload' });
  t.deepEqual(await jobs(), []);
});

test('what is not JSON, of another type or too large is refused before that', async (t) => {
  const { post } = await open(t);
  await refused(t, await post('{"source":'), 400, 'invalid_request');
  await refused(t, await post('{}', 'text/plain'), 415, 'unsupported_media_type');
  await refused(t, await post(JSON.stringify({ a: 'x'.repeat(70_000) })), 413, 'payload_too_large');
  await refused(t, await post('{}', undefined, 'reader'), 403, 'scope_missing');
});

test('names are cleaned, and the key’s priority counts where none is asked for', async (t) => {
  const { upload, createJob, jobs } = await open(t);
  t.like(await (await createJob(await upload())).json(), { filename: 'ab.mp4' });
  const named = await createJob(await upload(), { filename: '../../x/mine.mkv', priority: 'low' });
  t.like(await named.json(), { filename: 'mine.mkv' });
  t.deepEqual(
    (await jobs()).map(({ priority, filename }) => [priority, filename]),
    [
      ['high', 'ab.mp4'],
      ['low', 'mine.mkv'],
    ],
  );
});

test('the same key gets the same answer and one job; another body is refused', async (t) => {
  const { upload, createJob, jobs } = await open(t);
  const path = await upload();
  const once = { 'Idempotency-Key': 'k' };
  const answers = await Promise.all([1, 2, 3].map(() => createJob(path, {}, once)));
  const bodies = await Promise.all(answers.map((answer) => answer.json()));
  t.deepEqual(
    answers.map(({ status }) => status),
    [201, 201, 201],
  );
  t.deepEqual(bodies, Array(3).fill(bodies[0]));
  t.is((await jobs()).length, 1);
  await refused(t, await createJob(path, { priority: 'low' }, once), 422, 'idempotency_mismatch');
});

test('a deleted job does not make its upload usable again', async (t) => {
  const { upload, createJob, call, held } = await open(t);
  const path = await upload();
  const { job_id } = (await (await createJob(path)).json()) as { job_id: string };
  t.is((await call(`/api/jobs/${job_id}`, { method: 'DELETE' })).status, 200);
  t.is(await held('anna'), 0);
  await refused(t, await createJob(path), 409, 'upload_used');
});
