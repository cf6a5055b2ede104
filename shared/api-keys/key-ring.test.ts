import { readFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { openPool } from '../database/pool.ts';
import { transaction } from '../database/transaction.ts';
import { encodeNotices, READ_MODEL_CHANNEL } from '../read-model/channel.ts';
import { silentLogger as log } from '../telemetry/logger.ts';
import { testDatabase } from '../testing/postgres.ts';
import { until } from '../testing/until.ts';
import { openKeyRing } from './key-ring.ts';
import { digestOf, newKeyText, prefixOf } from './key-text.ts';

const BOOTSTRAP = 'the-bootstrap-key';
const AN_HOUR = 3_600_000;
const keyId = (n: number): string => `019b7a11-7000-7000-8000-${String(n).padStart(12, '0')}`;

/** A ring over the table that the test fills in the projection's place. */
async function open(t: ExecutionContext, { table = true, trustedMs = AN_HOUR } = {}) {
  const url = await testDatabase(t);
  const pool = openPool({ url, name: 'test', max: 2, log });
  await pool.query('create schema read_model');
  if (table) {
    const sql = await readFile(new URL('../../projections/api-keys/table.sql', import.meta.url), 'utf8');
    await pool.query(`set search_path to read_model; ${sql}; set search_path to public`);
  }
  const ring = await openKeyRing({ url, bootstrapKey: BOOTSTRAP, log, trustedMs });
  t.teardown(async () => {
    await ring.close();
    await pool.end();
  });
  let keys = 0;
  return {
    url,
    pool,
    ring,
    async add({ text = newKeyText(), expires_at = null as Date | null } = {}) {
      keys += 1;
      const id = keyId(keys);
      await pool.query(
        `insert into read_model.api_key (id, account_id, revision, name, prefix, hash, scopes, storage_quota_bytes,
           rate_limit, priority, expires_at, created_at)
         values ($1, $1::uuid::text, 1, 'name', $2, $3, '{read,admin}', 9007199254740991, 60, 'low', $4, now())`,
        [id, text.prefix, text.hash, expires_at],
      );
      return { id, key: text.key };
    },
    /** As the projection does it: row and notification in one transaction. */
    revoke: (id: string) =>
      transaction(pool, async (client) => {
        await client.query('update read_model.api_key set revoked_at = now(), revision = 2 where id = $1', [
          id,
        ]);
        for (const notice of encodeNotices('api_keys', [[id, 2]]))
          await client.query('select pg_notify($1, $2)', [READ_MODEL_CHANNEL, notice]);
      }),
    usedAt: async (id: string): Promise<Date | undefined> =>
      (await pool.query<{ used_at: Date }>('select used_at from api_keys.last_used where key_id = $1', [id]))
        .rows[0]?.used_at,
  };
}

test('a key is told by its whole text, with its scopes and limits', async (t) => {
  const { ring, add } = await open(t);
  const { id, key } = await add();
  t.deepEqual(await ring.identify(key), {
    key_id: id,
    account_id: id,
    scopes: new Set(['read', 'admin'] as const),
    storage_quota_bytes: Number.MAX_SAFE_INTEGER,
    rate_limit: 60,
    priority: 'low',
  });
  t.is(await ring.identify(newKeyText().key), undefined);
  t.is(await ring.identify(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`), undefined);
  t.like(await ring.identify(BOOTSTRAP), { key_id: 'bootstrap' });
  t.is(await ring.identify(''), undefined);
});

test('two keys that share a prefix both work', async (t) => {
  const { ring, add } = await open(t);
  const one = newKeyText();
  const key = `tf_${one.prefix}_${newKeyText().key.slice(-43)}`;
  const first = await add({ text: one });
  const second = await add({ text: { key, prefix: one.prefix, hash: digestOf(key).toString('hex') } });
  t.like(await ring.identify(one.key), { key_id: first.id });
  t.like(await ring.identify(key), { key_id: second.id });
});

test('the notification of a revocation empties the cache, which would trust the key for an hour', async (t) => {
  const { ring, add, revoke, pool } = await open(t);
  const { id, key } = await add();
  const other = await add();
  t.truthy(await ring.identify(key));
  await pool.query('update read_model.api_key set revoked_at = now() where id = $1', [other.id]);
  t.truthy(await ring.identify(key), 'remembered: nobody was told of anything');
  await revoke(id);
  await until('it is refused', async () => (await ring.identify(key)) === undefined);
  t.is(await ring.identify(other.key), undefined);
});

test('after a lost connection nothing that was remembered before it counts', async (t) => {
  const { ring, add, pool } = await open(t);
  const { id, key } = await add();
  t.truthy(await ring.identify(key));
  // The notification comes while the ring is cut off.
  await pool.query('update read_model.api_key set revoked_at = now() where id = $1', [id]);
  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'transcodeflow listener' and datname = current_database()`,
  );
  await until('it is refused', async () => (await ring.identify(key)) === undefined);
  t.pass();
});

test('without any notification a revoked key is refused once the trust in what was read has run out', async (t) => {
  const { ring, add, pool } = await open(t, { trustedMs: 200 });
  const { id, key } = await add();
  t.truthy(await ring.identify(key));
  await pool.query('update read_model.api_key set revoked_at = now() where id = $1', [id]);
  await until('it is refused', async () => (await ring.identify(key)) === undefined);
  t.pass();
});

test('expiry is checked at each use, of a remembered key too', async (t) => {
  const { ring, add } = await open(t);
  const expires = Date.now() + 700;
  const { key } = await add({ expires_at: new Date(expires) });
  const before = await ring.identify(key);
  if (Date.now() < expires) t.truthy(before);
  await until('it is refused', async () => (await ring.identify(key)) === undefined);
  t.true(Date.now() >= expires);
});

test('the use of a key is noted once a minute, and of a key that is refused not at all', async (t) => {
  const { url, add, usedAt, pool, revoke } = await open(t);
  const ring = await openKeyRing({ url, bootstrapKey: BOOTSTRAP, log });
  const { id, key } = await add();
  await ring.identify(key);
  const first = await until('it is noted', () => usedAt(id));
  t.true(first.getTime() > Date.now() - 60_000);
  await pool.query(`update api_keys.last_used set used_at = 'epoch'`);
  await ring.identify(key);
  const revoked = await add();
  await revoke(revoked.id);
  t.is(await ring.identify(revoked.key), undefined);
  // Waits for what is being written.
  await ring.close();
  t.is((await usedAt(id))?.getTime(), 0, 'not again within the minute');
  t.is(await usedAt(revoked.id), undefined);
});

test('of several processes one notes the use', async (t) => {
  const { ring, add, usedAt, url } = await open(t);
  const { id, key } = await add();
  await ring.identify(key);
  const first = await until('it is noted', () => usedAt(id));
  const second = await openKeyRing({ url, bootstrapKey: BOOTSTRAP, log });
  await second.identify(key);
  await second.close();
  t.deepEqual(await usedAt(id), first);
});

test('where keys cannot be looked up they are not refused for good, and the bootstrap key works', async (t) => {
  const { ring } = await open(t, { table: false });
  await t.throwsAsync(ring.identify(newKeyText().key), { code: 'unavailable' });
  t.is(await ring.identify('no key at all'), undefined);
  t.truthy(await ring.identify(BOOTSTRAP));
});

test('the text of a key has 32 random bytes behind a prefix that says nothing about them', (t) => {
  const texts = Array.from({ length: 100 }, newKeyText);
  t.is(new Set(texts.map(({ key }) => key)).size, 100);
  for (const { key, prefix, hash } of texts) {
    t.regex(key, /^tf_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
    t.is(Buffer.from(key.slice(16), 'base64url').length, 32);
    t.is(prefixOf(key), prefix);
    t.regex(hash, /^[0-9a-f]{64}$/);
  }
  for (const other of ['', 'tf_', `tf_${'a'.repeat(43)}`, `${texts[0]?.key} `, `x${texts[0]?.key}`])
    t.is(prefixOf(other), undefined);
});
