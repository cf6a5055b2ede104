import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { jpegBytes, videoBytes } from '../testing/http.ts';
import { clientOf, openUploadState } from './testing.ts';

const SIZE = 500_000;
const PICTURE = 30_000;
const PROGRAM = fileURLToPath(new URL('./testing-process.ts', import.meta.url));
type State = Awaited<ReturnType<typeof openUploadState>>;

/** An instance in a process of its own, to be killed. */
async function startProcess(t: ExecutionContext, { databaseUrl, folder }: State) {
  const child = spawn(process.execPath, [PROGRAM, databaseUrl, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    ...clientOf(url),
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** A breakpoint: whoever writes to the table waits, until the test lets it go. */
async function holdWrites(t: ExecutionContext, { databaseUrl }: State, table: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  t.teardown(() => client.end());
  await client.query('begin');
  await client.query(`lock table ${table} in share mode`);
  return () => client.query('rollback');
}

/** Somebody waits for a lock on the table. */
const isReached = ({ rows }: State, table: string) =>
  until(`somebody writes to ${table}`, async () => {
    const waiting = await rows('select 1 from pg_locks where not granted and relation = $1::regclass', [
      table,
    ]);
    return waiting.length > 0;
  });

/**
 * Kills an instance where it is about to write to the table, on the way from a finished upload to its job.
 * @param isSent the database carries the statement out although whoever sent it is dead, as it does
 */
async function killAt(t: ExecutionContext, state: State, table: string, isSent = false) {
  const victim = await startProcess(t, state);
  const path = await victim.begin(SIZE);
  await victim.patch(path, 0, videoBytes(SIZE));
  const picture = await victim.begin(PICTURE);
  await victim.patch(picture, 0, jpegBytes(PICTURE));
  const more = { thumbnail: { upload_id: picture.split('/').at(-1) } };
  const letGo = await holdWrites(t, state, table);
  const asked = victim.createJob(path, more, { 'Idempotency-Key': 'once' }).catch(() => undefined);
  await isReached(state, table);
  await victim.kill();
  t.is(await asked, undefined);
  if (!isSent)
    await state.rows(
      'select pg_terminate_backend(pid) from pg_locks where not granted and relation = $1::regclass',
      [table],
    );
  await letGo();
  await state.rows(`update idempotency.request set lease_until = now() - interval '1 second'`);
  return { path, picture, more };
}

/** One job, with its picture and its bytes and nothing else, counted once. */
async function isWhole(t: ExecutionContext, { jobs, stored, held, rows }: State): Promise<void> {
  const made = await jobs();
  t.is(made.length, 1);
  const { source, thumbnail } = made[0] as Record<'source' | 'thumbnail', { key: string }>;
  t.deepEqual((await stored()).sort(), [thumbnail.key, source.key]);
  t.is(await held('anna'), SIZE + PICTURE);
  t.deepEqual(await rows('select kind from storage.holder'), [{ kind: 'job' }]);
}

/** What nobody asks for again is finished by another instance, once the dead one's claim is old. */
async function janitorFinishes(t: ExecutionContext, state: State): Promise<void> {
  await state.rows(`update uploads.upload set claimed_at = now() - interval '1 hour'`);
  await state.start({ uploadExpiryMs: 400 });
  await until(
    'both are used',
    async () => (await state.rows('select id from uploads.upload where not is_used')).length === 0,
  );
  await isWhole(t, state);
}

test('killed before the job is appended: the upload is as it was, and the request can be repeated', async (t) => {
  const state = await openUploadState(t);
  const { path, picture, more } = await killAt(t, state, 'event_store.event');
  t.deepEqual(await state.jobs(), []);
  t.is(await state.held('anna'), SIZE + PICTURE);
  const { createJob, begin, patch, tus } = await state.start();
  const other = await begin(SIZE);
  await patch(other, 0, videoBytes(SIZE));
  t.is((await createJob(other, more)).status, 423, 'the append of the dead one may yet come');
  t.is((await createJob(picture)).status, 423);
  t.is((await tus('DELETE', other, {})).status, 204);
  t.is((await createJob(path, more, { 'Idempotency-Key': 'once' })).status, 201);
  await isWhole(t, state);
  t.is((await createJob(path)).status, 409);
});

test('killed before the job is appended, and nobody asks again: it expires and leaves nothing', async (t) => {
  const state = await openUploadState(t);
  await killAt(t, state, 'event_store.event');
  await state.rows(
    `update uploads.upload set claimed_at = now() - interval '1 hour', expires_at = now() - interval '1 second'`,
  );
  await state.start({ uploadExpiryMs: 400 });
  await until(
    'nothing is left',
    async () => (await state.rows('select id from uploads.upload')).length === 0,
  );
  t.deepEqual([await state.stored(), await state.jobs(), await state.held('anna')], [[], [], 0]);
});

test('killed while the append is under way: it happens, and the janitor finishes the rest', async (t) => {
  const state = await openUploadState(t);
  await killAt(t, state, 'event_store.event', true);
  await until('the job is there', async () => (await state.jobs()).length === 1);
  await janitorFinishes(t, state);
});

test('killed after the job was appended: the repeated request gets its answer, and finishes the rest', async (t) => {
  const state = await openUploadState(t);
  const { path, more } = await killAt(t, state, 'storage.holder');
  t.is((await state.jobs()).length, 1);
  const { createJob } = await state.start();
  const answer = await createJob(path, more, { 'Idempotency-Key': 'once' });
  t.is(answer.status, 201);
  t.like(await answer.json(), { size_bytes: SIZE, filename: 'holiday.mp4' });
  await isWhole(t, state);
});

test('killed after the job was appended, and nobody asks again: the janitor finishes the rest', async (t) => {
  const state = await openUploadState(t);
  await killAt(t, state, 'storage.holder');
  await janitorFinishes(t, state);
});

test('killed in the middle of a PATCH: the upload goes on where it was, by another instance at once', async (t) => {
  const state = await openUploadState(t);
  const victim = await startProcess(t, state);
  const body = videoBytes(30_000_000);
  const path = await victim.begin(body.length);
  const sending = victim.patch(path, 0, body).catch(() => undefined);
  await until('bytes are there', async () => {
    const id = path.split('/').at(-1) ?? '';
    return (await state.bytesOf(id)) > 0;
  });
  await victim.kill();
  await sending;
  const { tus, patch, createJob } = await state.start();
  const offset = Number((await tus('HEAD', path, {})).headers.get('upload-offset'));
  t.log(`${offset} bytes were there`);
  t.true(offset > 0);
  t.is((await patch(path, offset, body.subarray(offset))).status, 204);
  const { job_id } = (await (await createJob(path)).json()) as { job_id: string };
  const kept = await (await state.objects.get(`jobs/${job_id}/source`)).body.toArray();
  t.true(Buffer.concat(kept).equals(body));
});
