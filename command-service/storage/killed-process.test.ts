import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { sourceKey } from '@transcodeflow/shared/objects/keys.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { openCore } from '../testing/core.ts';
import { form, jpegBytes, videoBytes } from '../testing/http.ts';
import { openStorage } from './open-storage.ts';

const LEASE_MS = 5_000;
/** Of the next service, whose janitor looks four times in it. */
const NEXT_LEASE_MS = 1_000;
const LOCK = 4711;

/** A command service that can be killed, and what it left behind. */
async function open(t: ExecutionContext) {
  const core = await openCore(t);
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-killed-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const objects = await openDirectoryStore(join(folder, 'objects'));
  const child = spawn(
    process.execPath,
    [new URL('../testing/service-process.ts', import.meta.url).pathname, core.url, folder, String(LEASE_MS)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  t.teardown(kill);
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return {
    ...core,
    objects,
    port: Number(line),
    kill,
    keys: async () => {
      const keys: string[] = [];
      for await (const { key } of objects.list('')) keys.push(key);
      return keys;
    },
    holders: () =>
      core.rows(
        'select id, bytes::int, lease_until is null as settled, swept from storage.holder',
      ) as Promise<{ id: string; bytes: number; settled: boolean; swept: boolean }[]>,
    /** The next service, in this process. */
    async successor() {
      const { url, store, commands } = core;
      const storage = await openStorage({
        url,
        store,
        commands,
        objects,
        log: silentLogger,
        leaseMs: NEXT_LEASE_MS,
      });
      core.closeAtEnd(storage);
      return storage.reservations;
    },
  };
}

test('of an upload that kill -9 broke off object and reservation are gone after the lease', async (t) => {
  const { port, kill, keys, holders, successor } = await open(t);
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.write(
    'POST /api/upload HTTP/1.1\r\nhost: x\r\nx-api-key: anna\r\n' +
      'content-type: multipart/form-data; boundary=x\r\ncontent-length: 900000\r\n\r\n',
  );
  const part = (name: string, type: string) =>
    `--x\r\ncontent-disposition: form-data; name="${name}"; filename="a"\r\ncontent-type: ${type}\r\n\r\n`;
  socket.write(part('file', 'video/mp4'));
  socket.write(videoBytes(300_000));
  socket.write(`\r\n${part('thumbnail', 'image/jpeg')}`);
  socket.write(jpegBytes(100_000));
  const [key] = await until('the video is stored and the thumbnail on its way', async () => {
    const found = await keys();
    return found.length > 0 && found;
  });
  const [holder] = await holders();
  t.is(key, sourceKey(holder?.id ?? ''));
  t.false(holder?.settled);
  t.true((holder?.bytes ?? 0) >= 300_000);

  await kill();
  t.deepEqual(await keys(), [key], 'that is how it would have stayed');
  const reservations = await successor();
  await until('nothing is held', async () => (await holders()).length === 0);
  t.deepEqual(await keys(), []);
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 0, reserved_bytes: 0 });
});

test('a job whose process was killed between append and settle keeps its objects and ends up settled', async (t) => {
  const { url, port, kill, keys, holders, successor, rows, store } = await open(t);
  // Settling waits for a lock that this test holds: the process can be killed exactly there.
  const holding = new pg.Client({ connectionString: url, application_name: 'the test' });
  await holding.connect();
  t.teardown(() => holding.end());
  await holding.query('select pg_advisory_lock($1)', [LOCK]);
  await rows(`create function storage.wait() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(${LOCK}); return new; end'`);
  await rows(`create trigger wait before update on storage.holder for each row
    when (old.lease_until is not null and new.lease_until is null) execute function storage.wait()`);
  const answer = fetch(`http://127.0.0.1:${port}/api/upload`, {
    method: 'POST',
    headers: { 'x-api-key': 'anna' },
    body: form({ file: videoBytes(300_000), thumbnail: jpegBytes(1_000) }),
  }).catch(() => 'no answer');
  await until('it is about to settle', async () => {
    const waiting = await rows(
      `select from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'holder'`,
    );
    return waiting.length > 0;
  });
  const [holder] = await holders();
  const id = holder?.id ?? '';
  t.deepEqual(
    (await store.read(jobStream(id))).map(({ type }) => type),
    ['JobRequested', 'TaskScheduled'],
  );
  await kill();
  t.is(await answer, 'no answer');
  // What the dead process had asked for must not be carried out after its death.
  await rows(
    `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'holder'`,
  );
  await until(
    'it is gone',
    async () => (await rows(`select from pg_locks where locktype = 'advisory' and not granted`)).length === 0,
  );
  t.like((await holders())[0], { settled: false });
  await rows('drop trigger wait on storage.holder');

  const reservations = await successor();
  await until('it is settled', async () => (await holders())[0]?.settled);
  t.deepEqual(await holders(), [{ id, bytes: 301_000, settled: true, swept: false }]);
  t.deepEqual((await keys()).length, 2);
  t.deepEqual(await reservations.usage('anna'), { used_bytes: 301_000, reserved_bytes: 0 });
});
