import { apiKeysProjection } from '@transcodeflow/projections/api-keys/projection.ts';
import { rebuild } from '@transcodeflow/projections/rebuild/rebuild.ts';
import { accountEventFrom } from '@transcodeflow/shared/contracts/account-event-envelope.ts';
import { ApiKey, ApiKeyList } from '@transcodeflow/shared/contracts/rest/keys.ts';
import { openPostgresEventStore } from '@transcodeflow/shared/event-store/postgres/postgres-event-store.ts';
import { silentLogger as log } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { BOOTSTRAP, openTwoServices, refused, SOME_ID } from './testing/two-services.ts';

const WITHIN_A_SECOND = 1_000;

test('a key works in both services as soon as it was made, and is listed without its secret', async (t) => {
  const { create, statuses, query } = await openTwoServices(t);
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
  const { create, statuses, command, query } = await openTwoServices(t);
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
  const { create, statuses, command, pool } = await openTwoServices(t);
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
  const { create, statuses } = await openTwoServices(t);
  const expires = Date.now() + 1_500;
  const { key } = await create({ expires_at: new Date(expires).toISOString() });
  const before = await statuses(key);
  if (Date.now() < expires) t.deepEqual(before, [200, 404]);
  await until('both refuse it', async () => (await statuses(key)).every((status) => status === 401));
  t.true(Date.now() >= expires);
});

test('scopes: each call needs its own, and only admin keys manage keys', async (t) => {
  const { create, command, query } = await openTwoServices(t);
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
  const { command, published } = await openTwoServices(t);
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
  const { create, query } = await openTwoServices(t);
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

test('I2: what happens to keys is published, in order per account, to whoever follows the topic', async (t) => {
  const { create, command, published } = await openTwoServices(t);
  const key = await create({ storage_quota_bytes: 5, expires_at: '2999-01-01T00:00:00Z' });
  const other = await create({}, BOOTSTRAP);
  await command('DELETE', `/api/keys/${key.id}`);
  await command('DELETE', `/api/keys/${key.id}`);
  const events = published.map((message) => ({ key: message.key, ...accountEventFrom(message) }));
  t.deepEqual(
    events.map((envelope) => [envelope.key, envelope.subject, envelope.revision, envelope.event.type]),
    [
      [key.id, key.id, 1, 'ApiKeyCreated'],
      [other.id, other.id, 1, 'ApiKeyCreated'],
      [key.id, key.id, 2, 'ApiKeyRevoked'],
    ],
  );
  t.like(events[0]?.event.data, {
    ...{ id: key.id, account_id: key.id, name: 'Archive', prefix: key.prefix, by: 'bootstrap' },
    ...{ storage_quota_bytes: 5, expires_at: '2999-01-01T00:00:00.000Z', scopes: ['read', 'write'] },
  });
  t.deepEqual(events[2]?.event.data, { id: key.id, account_id: key.id, by: 'bootstrap' });
});

test('I4: while and after the read model is built anew keys work, and when they were used is not lost', async (t) => {
  const { create, statuses, query, command, pool, databaseUrl } = await openTwoServices(t);
  const [kept, revoked] = [await create(), await create()];
  await command('DELETE', `/api/keys/${revoked.id}`);
  const shown = async () => ApiKey.parse(await (await query(`/api/keys/${kept.id}`)).json());
  t.deepEqual(await statuses(kept.key), [200, 404]);
  const before = await until('its use is noted', async () => {
    const key = await shown();
    return key.last_used_at !== null && key;
  });
  const source = await openPostgresEventStore(databaseUrl, log);
  t.teardown(() => source.close());
  let done = false;
  const rebuilding = rebuild(apiKeysProjection, { pool, source, log }).finally(() => {
    done = true;
  });
  do t.deepEqual(await statuses(kept.key), [200, 404]);
  while (!done);
  t.is((await rebuilding)?.events, 3);
  t.deepEqual(await shown(), before);
  t.deepEqual(await statuses(kept.key), [200, 404]);
  t.deepEqual(await statuses(revoked.key), [401, 401]);
});
