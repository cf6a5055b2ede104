import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryBytes } from '@transcodeflow/command-service/resumable/directory-bytes.ts';
import { startCommandService } from '@transcodeflow/command-service/start.ts';
import { startProjections } from '@transcodeflow/projections/start.ts';
import { startQueryService } from '@transcodeflow/query-service/start.ts';
import { openKeyRing } from '@transcodeflow/shared/api-keys/key-ring.ts';
import type { IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import { CreatedApiKey } from '@transcodeflow/shared/contracts/rest/keys.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { silentLogger as log } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import type { ExecutionContext } from 'ava';

export const BOOTSTRAP = 'the-bootstrap-key';
const SECRET = 'a-secret-of-more-than-32-characters!';
export const SOME_ID = '019b7a11-7000-7000-8000-00000000000a';

/** Both services, each with a key ring and a port of its own as in two processes, and the projections between them. */
export async function openTwoServices(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-keys-'));
  const databaseUrl = await testDatabase(t);
  const pool = openPool({ url: databaseUrl, name: 'test', max: 2, log });
  const bus = createInProcessBus();
  const objects = await openDirectoryStore(folder);
  const cache = createMemoryCache();
  const projections = await startProjections({ url: databaseUrl, bus, log });
  const openRing = () => openKeyRing({ url: databaseUrl, bootstrapKey: BOOTSTRAP, log });
  const [queryKeys, commandKeys] = [await openRing(), await openRing()];
  const common = { databaseUrl, bus, cache, objects, secretKey: SECRET, log };
  const queries = await startQueryService({ ...common, keys: queryKeys, publicUrl: undefined });
  const commands = await startCommandService({
    ...common,
    keys: commandKeys,
    mostUploadBytes: 1_000_000,
    uploadBytes: await openDirectoryBytes(join(folder, 'uploads'), objects),
    relayBatch: { events: 100, tasks: 1 },
    soleProcessor: true,
  });
  const published: IncomingMessage[] = [];
  await bus.subscribe({
    group: 'watching',
    topics: [topics.accounts],
    handler: async ({ messages }) => void published.push(...messages),
  });
  commands.startRelay();
  const commandServer = await listen(commands.app.callback(), 0, '127.0.0.1');
  const queryServer = await listen(queries.app.callback(), 0, '127.0.0.1');
  t.teardown(async () => {
    await commandServer.close();
    await queryServer.close();
    await commands.close();
    await queries.close();
    await queryKeys.close();
    await commandKeys.close();
    await projections.close();
    await bus.close();
    await pool.end();
    await rm(folder, { recursive: true, force: true });
  });

  const call = (url: string, method: string, key: string, body?: unknown, headers = {}) =>
    fetch(url, {
      method,
      headers: {
        'X-API-Key': key,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const command = (method: string, path: string, key = BOOTSTRAP, body?: unknown, headers = {}) =>
    call(commandServer.url + path, method, key, body, headers);
  const query = (path: string, key = BOOTSTRAP) => call(queryServer.url + path, 'GET', key);
  return {
    databaseUrl,
    pool,
    published,
    command,
    query,
    async create(body: object = {}, key = BOOTSTRAP): Promise<CreatedApiKey> {
      const answer = await command('POST', '/api/keys', key, {
        name: 'Archive',
        scopes: ['read', 'write'],
        ...body,
      });
      t.is(answer.status, 201);
      return CreatedApiKey.parse(await answer.json());
    },
    /** What both services answer a key; the command service finds no job, which needs a valid key with `write`. */
    statuses: async (key: string) => [
      (await query('/api/jobs', key)).status,
      (await command('DELETE', `/api/jobs/${SOME_ID}`, key)).status,
    ],
  };
}

/** What a refusal says. */
export const refused = async (answer: Response) => {
  const { code, errors } = Object(await answer.json());
  return { status: answer.status, code, errors };
};
