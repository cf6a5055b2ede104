import { ApiKey, CreatedApiKey } from '@transcodeflow/shared/contracts/rest/keys.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { BOOTSTRAP, openTwoServices, refused, SOME_ID } from './testing/two-services.ts';

const WITHIN_A_SECOND = 1_000;

test('a body that is not as it should be is refused with the field, and nothing is stored', async (t) => {
  const { command, pool } = await openTwoServices(t);
  const good = { name: 'Archive', scopes: ['read'] };
  const wrong: [body: unknown, field: string][] = [
    [{ scopes: ['read'] }, 'name'],
    [{ ...good, name: '   ' }, 'name'],
    [{ ...good, name: 'a'.repeat(201) }, 'name'],
    [{ ...good, name: 'a\u0007b' }, 'name'],
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
  const { command, pool, query } = await openTwoServices(t);
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
  const { command, pool, published, statuses, query } = await openTwoServices(t);
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
