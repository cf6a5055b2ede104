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
import { ApiKey, ApiKeyList, CreatedApiKey } from '@transcodeflow/shared/contracts/rest/keys.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { silentLogger as log } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';

const BOOTSTRAP = 'the-bootstrap-key';
const SECRET = 'a-secret-of-more-than-32-characters!';
const SOME_ID = '019b7a11-7000-7000-8000-00000000000a';
const WITHIN_A_SECOND = 1_000;

/** Both services, each with a key ring and a port of its own as in two processes, and the projections between them. */
async function open(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-keys-'));
  const databaseUrl = await testDatabase(t);
  const pool = openPool({ url: databaseUrl, name: 'test', max: 2, log });
  const bus = createInProcessBus();
  const objects = await openDirectoryStore(folder);
  const cache = createMemoryCache();
  const projections = await startProjections({ url: databaseUrl, bus, log });
  const rings = await Promise.all(
    [1, 2].map(() => openKeyRing({ url: databaseUrl, bootstrapKey: BOOTSTRAP, log })),
  );
  const common = { databaseUrl, bus, cache, objects, secretKey: SECRET, log };
  const queries = await startQueryService({ ...common, keys: rings[0]!, publicUrl: undefined });
  const commands = await startCommandService({
    ...common,
    keys: rings[1]!,
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
    for (const ring of rings) await ring.close();
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

const refused = async (answer: Response) => {
  const { code, errors } = Object(await answer.json());
  return { status: answer.status, code, errors };
};

test('a key works in both services as soon as it was made, and is listed without its secret', async (t) => {
  const { create, statuses, query } = await open(t);
  const asked = {
    name: '  Archive "ingest" ',
    scopes: ['write', 'read'],
    storage_quota_bytes: 10 * 1024 ** 3,
    rate_limit: 600,
    priority: 'high',
    expires_at: '2999-01-02T03:04:05+02:00',
  };
  const created = await create(asked);
  t.deepEqual(await statuses(created.key), [200, 404]);
  const { key, ...rest } = created;
  t.like(rest, { ...asked, name: 'Archive "ingest"', expires_at: '2999-01-02T01:04:05.000Z' });
  t.true(key.startsWith(`tf_${created.prefix}_`));
  t.true(Math.abs(Date.parse(created.created_at) - Date.now()) < 60_000);

  const second = await create({ scopes: ['read'] });
  t.like(second, { storage_quota_bytes: null, rate_limit: null, priority: 'normal', expires_at: null });
  const list = ApiKeyList.parse(await (await query('/api/keys?per_page=1')).json());
  t.like(list, { page: 1, per_page: 1, total: 2, total_pages: 2 });
  t.is(list.keys[0]?.id, second.id);
  const found = ApiKey.parse(await (await query(`/api/keys/${created.id}`)).json());
  t.deepEqual({ ...found, last_used_at: null }, { ...rest, last_used_at: null, revoked_at: null });
  t.deepEqual(await refused(await query(`/api/keys/${SOME_ID}`)), {
    ...{ status: 404, code: 'api_key_not_found', errors: undefined },
  });
  const deep = ApiKeyList.parse(await (await query('/api/keys?page=3')).json());
  t.deepEqual([deep.keys.length, deep.total], [0, 2]);
});

test('a revoked key is refused by both services within a second, though both have just answered it', async (t) => {
  const { create, statuses, command, query } = await open(t);
  const { id, key } = await create();
  const other = await create();
  t.deepEqual(await statuses(key), [200, 404]);
  const revoked = await command('DELETE', `/api/keys/${id}`);
  t.deepEqual([revoked.status, await revoked.json()], [200, { id, revoked: true }]);
  await until(
    'both refuse it',
    async () => (await statuses(key)).every((status) => status === 401),
    WITHIN_A_SECOND,
  );
  t.deepEqual(await statuses(other.key), [200, 404], 'others are not touched');
  const found = ApiKey.parse(await (await query(`/api/keys/${id}`)).json());
  t.not(found.revoked_at, null);
  // Whoever did not get the answer asks again.
  t.is((await command('DELETE', `/api/keys/${id}`)).status, 200);
  t.is(ApiKey.parse(await (await query(`/api/keys/${id}`)).json()).revoked_at, found.revoked_at);
});

test('a revocation counts also while no service hears of changes', async (t) => {
  const { create, statuses, command, pool } = await open(t);
  const { id, key } = await create();
  t.deepEqual(await statuses(key), [200, 404]);
  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'transcodeflow listener' and datname = current_database()`,
  );
  const revoking = command('DELETE', `/api/keys/${id}`);
  await until('it is in the read model', async () => {
    const { rows } = await pool.query('select from read_model.api_key where revoked_at is not null');
    return rows.length === 1;
  });
  await until(
    'both refuse it',
    async () => (await statuses(key)).every((status) => status === 401),
    WITHIN_A_SECOND,
  );
  t.is((await revoking).status, 200);
});

test('a key is refused from the moment it expires, without anything happening to it', async (t) => {
  const { create, statuses } = await open(t);
  const expires = Date.now() + 1_500;
  const { key } = await create({ expires_at: new Date(expires).toISOString() });
  const before = await statuses(key);
  if (Date.now() < expires) t.deepEqual(before, [200, 404]);
  await until('both refuse it', async () => (await statuses(key)).every((status) => status === 401));
  t.true(Date.now() >= expires);
});

test('scopes: each call needs its own, and only admin keys manage keys', async (t) => {
  const { create, command, query } = await open(t);
  const reader = await create({ scopes: ['read'] });
  const writer = await create({ scopes: ['write'] });
  const admin = await create({ scopes: ['admin'] });
  const missing = { status: 403, code: 'scope_missing', errors: undefined };
  t.deepEqual(await refused(await command('DELETE', `/api/jobs/${SOME_ID}`, reader.key)), missing);
  t.deepEqual(await refused(await query('/api/jobs', writer.key)), missing);
  t.deepEqual(await refused(await query('/api/jobs', admin.key)), missing);
  for (const { key } of [reader, writer]) {
    t.deepEqual(await refused(await query('/api/keys', key)), missing);
    t.deepEqual(await refused(await query(`/api/keys/${admin.id}`, key)), missing);
    t.deepEqual(await refused(await command('DELETE', `/api/keys/${admin.id}`, key)), missing);
    const made = await command('POST', '/api/keys', key, { name: 'More', scopes: ['admin'] });
    t.deepEqual(await refused(made), missing);
  }
  const { id } = await create({ name: 'By another admin' }, admin.key);
  t.is((await command('DELETE', `/api/keys/${id}`, admin.key)).status, 200);
});

test('the bootstrap key stays, and so does what is no key', async (t) => {
  const { command, published } = await open(t);
  const outcomes: Record<string, string> = {
    bootstrap: 'api_key_permanent',
    [SOME_ID]: 'api_key_not_found',
    'no-uuid': 'api_key_not_found',
    "'; drop table read_model.api_key; --": 'api_key_not_found',
  };
  for (const [id, code] of Object.entries(outcomes))
    t.like(await refused(await command('DELETE', `/api/keys/${encodeURIComponent(id)}`)), { code }, id);
  t.deepEqual(published, []);
});

test('keys that are none are refused alike: made up, of a known prefix, changed, or no text of a key at all', async (t) => {
  const { create, query } = await open(t);
  const { key, prefix } = await create();
  const last = key.endsWith('A') ? 'B' : 'A';
  for (const wrong of [
    `tf_000000000000_${'a'.repeat(43)}`,
    `tf_${prefix}_${'a'.repeat(43)}`,
    `${key.slice(0, -1)}${last}`,
    `${key}a`,
    key.toUpperCase(),
    prefix,
    "' or 1=1 --",
  ])
    t.like(await refused(await query('/api/jobs', wrong)), { status: 401, code: 'api_key_invalid' }, wrong);
});

test('a body that is not as it should be is refused with the field, and nothing is stored', async (t) => {
  const { command, pool } = await open(t);
  const good = { name: 'Archive', scopes: ['read'] };
  const wrong: [body: unknown, field: string][] = [
    [{ scopes: ['read'] }, 'name'],
    [{ ...good, name: '   ' }, 'name'],
    [{ ...good, name: 'a'.repeat(201) }, 'name'],
    [{ ...good, name: 'a\u0000b' }, 'name'],
    [{ name: 'Archive' }, 'scopes'],
    [{ ...good, scopes: [] }, 'scopes'],
    [{ ...good, scopes: ['read', 'read'] }, 'scopes'],
    [{ ...good, scopes: ['root'] }, 'scopes.0'],
    [{ ...good, storage_quota_bytes: -1 }, 'storage_quota_bytes'],
    [{ ...good, storage_quota_bytes: 1.5 }, 'storage_quota_bytes'],
    [{ ...good, storage_quota_bytes: 2 ** 60 }, 'storage_quota_bytes'],
    [{ ...good, rate_limit: 0 }, 'rate_limit'],
    [{ ...good, rate_limit: '60' }, 'rate_limit'],
    [{ ...good, priority: 'urgent' }, 'priority'],
    [{ ...good, expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ ...good, expires_at: 'tomorrow' }, 'expires_at'],
    [{ ...good, expires_at: '2999-02-30T00:00:00Z' }, 'expires_at'],
    [{ ...good, expires_at: '9999-12-31T23:59:59-12:00' }, 'expires_at'],
    [{ ...good, colour: 'red' }, 'colour'],
    [[], 'body'],
  ];
  for (const [body, field] of wrong) {
    const answer = await refused(await command('POST', '/api/keys', BOOTSTRAP, body));
    t.like(answer, { status: 400, code: 'invalid_request' }, JSON.stringify(body));
    t.true(Object.hasOwn(Object(answer.errors), field), `${field}: ${JSON.stringify(answer.errors)}`);
  }
  t.is((await pool.query('select from event_store.event')).rowCount, 0);
});

test('Idempotency-Key: the same answer again, key and all, though what is stored does not tell it', async (t) => {
  const { command, pool, query } = await open(t);
  const header = { 'Idempotency-Key': 'make-one' };
  const body = { name: 'Archive', scopes: ['read'] };
  const make = (changes = {}) => command('POST', '/api/keys', BOOTSTRAP, { ...body, ...changes }, header);
  const [first, twin] = await Promise.all([make(), make()]);
  const created = CreatedApiKey.parse(await first.json());
  t.deepEqual(await twin.json(), created);
  t.like(await refused(await make({ name: 'Another' })), { status: 422, code: 'idempotency_mismatch' });
  t.is((await pool.query('select from read_model.api_key')).rowCount, 1);

  // The service ended after the key was made and before its answer was kept: nobody has that key's text.
  await pool.query(
    `update idempotency.request set answer = null, lease_until = now() - interval '1 hour', owner = $1`,
    [SOME_ID],
  );
  const again = CreatedApiKey.parse(await (await make()).json());
  t.not(again.id, created.id);
  t.is((await query('/api/jobs', again.key)).status, 200);
  await until(
    'the lost one is refused',
    async () => (await query('/api/jobs', created.key)).status === 401,
    WITHIN_A_SECOND,
  );
});

test('the text of a key is nowhere: not in a table, not in an event, not in a message', async (t) => {
  const { command, pool, published, statuses, query } = await open(t);
  const answer = await command(
    'POST',
    '/api/keys',
    BOOTSTRAP,
    { name: 'Archive', scopes: ['read', 'write'] },
    { 'Idempotency-Key': 'make-one' },
  );
  const { key, prefix, id } = CreatedApiKey.parse(await answer.json());
  await statuses(key);
  await until('its use is noted', async () => {
    const { last_used_at } = ApiKey.parse(await (await query(`/api/keys/${id}`)).json());
    return last_used_at !== null;
  });
  const { rows: tables } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const everything: string[] = published.map(({ headers, value }) => JSON.stringify(headers) + value);
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`select row_to_json(t)::text as row from ${name} t`);
    everything.push(...rows.map(({ row }) => row));
  }
  const secret = key.slice(`tf_${prefix}_`.length);
  const encodings = ['utf8', 'base64', 'hex'] as const;
  for (const encoding of encodings)
    t.deepEqual(
      everything.filter((text) => text.includes(Buffer.from(secret).toString(encoding))),
      [],
    );
  // The search does find what is there: the prefix in the event, the message, the read model.
  t.true(everything.filter((text) => text.includes(prefix)).length >= 3);
});
