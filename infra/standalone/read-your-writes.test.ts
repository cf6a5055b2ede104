import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryBytes } from '@transcodeflow/command-service/resumable/directory-bytes.ts';
import { startCommandService } from '@transcodeflow/command-service/start.ts';
import { startProjections } from '@transcodeflow/projections/start.ts';
import { startQueryService } from '@transcodeflow/query-service/start.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import { bootstrapKeyRing } from '@transcodeflow/shared/http/api-keys.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { silentLogger as log } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import test, { type ExecutionContext } from 'ava';
import { createGateway } from './gateway.ts';

const KEY = 'the-bootstrap-key';
const SECRET = 'a-secret-of-more-than-32-characters!';

/** Commands, projections and queries as the embedded system composes them, without a processor: jobs stay queued. */
async function open(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-gateway-'));
  const databaseUrl = await testDatabase(t);
  const bus = createInProcessBus();
  const objects = await openDirectoryStore(join(folder, 'objects'));
  const cache = createMemoryCache();
  const keys = bootstrapKeyRing(KEY);
  const projections = await startProjections({ url: databaseUrl, bus, log });
  const queries = await startQueryService({
    databaseUrl,
    bus,
    cache,
    objects,
    keys,
    secretKey: SECRET,
    log,
    publicUrl: undefined,
  });
  const commands = await startCommandService({
    databaseUrl,
    bus,
    cache,
    objects,
    keys,
    secretKey: SECRET,
    log,
    mostUploadBytes: 1_000_000,
    uploadBytes: await openDirectoryBytes(join(folder, 'uploads'), objects),
    relayBatch: { events: 100, tasks: 1 },
    soleProcessor: true,
  });
  commands.startRelay();
  const server = await listen(createGateway(commands, queries, log), 0, '127.0.0.1');
  t.teardown(async () => {
    await server.close();
    await commands.close();
    await queries.close();
    await projections.close();
    await bus.close();
    await rm(folder, { recursive: true, force: true });
  });
  const call = (path: string, init: RequestInit = {}) =>
    fetch(server.url + path, { ...init, headers: { 'X-API-Key': KEY } });
  const get = async (path: string) => {
    const response = await call(path);
    return { httpStatus: response.status, ...((await response.json()) as Record<string, never>) } as Record<
      string,
      unknown
    >;
  };
  return {
    call,
    get,
    async upload(): Promise<string> {
      const form = new FormData();
      const bytes = Buffer.alloc(5_000, 7);
      bytes.set(Buffer.from('\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41', 'latin1'));
      form.set('file', new Blob([bytes]), 'a.mp4');
      const response = await call('/api/upload', { method: 'POST', body: form });
      return ((await response.json()) as { job_id: string }).job_id;
    },
  };
}

test('I8: whoever was answered by a command never reads older: job, list, statistics and history', async (t) => {
  const { call, get, upload } = await open(t);
  const rounds = 40;
  for (let n = 1; n <= rounds; n += 1) {
    const id = await upload();
    const [job, list, stats, history] = await Promise.all([
      get(`/api/jobs/${id}`),
      get('/api/jobs?per_page=1'),
      get('/api/jobs/stats'),
      get(`/api/jobs/${id}/events`),
    ]);
    t.like(job, { httpStatus: 200, status: 'queued' });
    t.deepEqual([(list.jobs as { job_id: string }[])[0]?.job_id, list.total, stats.total_jobs], [id, n, n]);
    t.true((history.events as object[]).length >= 2);

    await call(`/api/jobs/${id}/cancel`, { method: 'POST' });
    const [after, cancelled, told] = await Promise.all([
      get(`/api/jobs/${id}`),
      get('/api/jobs/stats'),
      get(`/api/jobs/${id}/events`),
    ]);
    t.like(after, { httpStatus: 200, status: 'cancelled' });
    t.is((cancelled.status_breakdown as Record<string, number>).cancelled, n);
    t.is((told.events as { type: string }[]).at(-1)?.type, 'JobCancelled');
  }
});

test('I8: with many clients at once each reads its own writes', async (t) => {
  const { call, get, upload } = await open(t);
  const client = async () => {
    for (let n = 0; n < 5; n += 1) {
      const id = await upload();
      t.like(await get(`/api/jobs/${id}`), { httpStatus: 200, status: 'queued' });
      await call(`/api/jobs/${id}`, { method: 'DELETE' });
      t.like(await get(`/api/jobs/${id}`), { httpStatus: 404 });
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  t.like(await get('/api/jobs/stats'), { total_jobs: 0 });
});

test('reads and writes share one port; health covers both', async (t) => {
  const { call, get } = await open(t);
  t.like(await get('/readyz'), {
    httpStatus: 200,
    checks: { event_store: 'ok', read_model: 'ok', objects: 'ok', bus: 'ok' },
  });
  t.is((await call('/api/jobs', { method: 'HEAD' })).status, 200);
  t.is((await call('/api/nothing', { method: 'POST' })).status, 404);
});
