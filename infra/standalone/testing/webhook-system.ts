import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryBytes } from '@transcodeflow/command-service/resumable/directory-bytes.ts';
import { startCommandService } from '@transcodeflow/command-service/start.ts';
import { form, videoBytes } from '@transcodeflow/command-service/testing/http.ts';
import { startProjections } from '@transcodeflow/projections/start.ts';
import { startQueryService } from '@transcodeflow/query-service/start.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import { CreatedWebhook, DeliveryList } from '@transcodeflow/shared/contracts/rest/webhooks.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { silentLogger as log } from '@transcodeflow/shared/telemetry/logger.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import type { ExecutionContext } from 'ava';
import { createGateway } from '../gateway.ts';

const SECRET = 'a-secret-of-more-than-32-characters!';
const keys: Record<string, ReturnType<typeof identity>> = {
  anna: identity('anna', 'read', 'write'),
  bert: identity('bert', 'read', 'write'),
  reader: identity('anna', 'read'),
  writer: identity('anna', 'write'),
};

/** Commands, projections and queries as the embedded system composes them, without a processor: jobs stay queued. */
export async function openWebhookSystem(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-webhooks-'));
  const databaseUrl = await testDatabase(t);
  const pool = openPool({ url: databaseUrl, name: 'test', max: 1, log });
  const bus = createInProcessBus();
  const objects = await openDirectoryStore(join(folder, 'objects'));
  const allow = ['127.0.0.1/32'];
  const projections = await startProjections({
    url: databaseUrl,
    bus,
    log,
    webhooks: { secretKey: SECRET, allowPrivateAddresses: allow },
  });
  const ring = { identify: async (key: string) => keys[key] };
  const common = {
    databaseUrl,
    bus,
    cache: createMemoryCache(),
    objects,
    keys: ring,
    secretKey: SECRET,
    log,
  };
  const queries = await startQueryService({ ...common, publicUrl: undefined });
  const commands = await startCommandService({
    ...common,
    mostUploadBytes: 1_000_000,
    uploadBytes: await openDirectoryBytes(join(folder, 'uploads'), objects),
    allowAddresses: allow,
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
    await pool.end();
    await rm(folder, { recursive: true, force: true });
  });
  async function call(method: string, path: string, body?: unknown, key = 'anna', headers = {}) {
    const answer = await fetch(server.url + path, {
      method,
      headers: {
        ...(key ? { 'X-API-Key': key } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: Object(await answer.json()) };
  }
  return {
    call,
    pool,
    get: (path: string, key?: string) => call('GET', path, undefined, key),
    async create(body: object, key = 'anna', headers = {}): Promise<CreatedWebhook> {
      const answer = await call('POST', '/api/webhooks', body, key, headers);
      t.is(answer.status, 201, JSON.stringify(answer.body));
      return CreatedWebhook.parse(answer.body);
    },
    async upload(options: object = {}, key = 'anna', status = 200) {
      const answer = await fetch(`${server.url}/api/upload`, {
        method: 'POST',
        headers: { 'X-API-Key': key },
        body: form({ options: JSON.stringify(options), file: videoBytes() }),
      });
      t.is(answer.status, status);
      return Object(await answer.json());
    },
    deliveries: async (query = '') =>
      DeliveryList.parse((await call('GET', `/api/webhooks/deliveries${query}`)).body),
  };
}
