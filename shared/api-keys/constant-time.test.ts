import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import test from 'ava';
import { openPool } from '../database/pool.ts';
import { silentLogger as log } from '../telemetry/logger.ts';
import { testDatabase } from '../testing/postgres.ts';
import { openKeyRing } from './key-ring.ts';
import { newKeyText } from './key-text.ts';

// A file of its own: the comparison is watched for the whole process.
const compare = crypto.timingSafeEqual;
const compared: number[] = [];
test.before(() => {
  crypto.timingSafeEqual = (a, b) => {
    compared.push(a.byteLength, b.byteLength);
    return compare(a, b);
  };
  syncBuiltinESMExports();
});

const withCharacter = (key: string, at: number) =>
  key.slice(0, at) + (key[at] === 'A' ? 'B' : 'A') + key.slice(at + 1);

test('keys are compared as digests and in constant time, wherever they differ', async (t) => {
  const url = await testDatabase(t);
  const pool = openPool({ url, name: 'test', max: 1, log });
  t.teardown(() => pool.end());
  const { key, prefix, hash } = newKeyText();
  await pool.query('create schema read_model');
  await pool.query(
    `create table read_model.api_key as select '019b7a11-7000-7000-8000-000000000001'::uuid as id, 'a' as account_id,
       1 as revision, 'n' as name, $1::text as prefix, $2::text as hash, '{read}'::text[] as scopes,
       null::bigint as storage_quota_bytes, null::int as rate_limit, 'normal' as priority,
       null::timestamptz as expires_at, now() as created_at, null::timestamptz as revoked_at`,
    [prefix, hash],
  );
  const ring = await openKeyRing({ url, bootstrapKey: 'the-bootstrap-key', log, trustedMs: 3_600_000 });
  t.teardown(() => ring.close());

  const secret = key.length - 43;
  const comparisons = async (presented: string) => {
    compared.length = 0;
    const identity = await ring.identify(presented);
    return { known: identity !== undefined, compared: [...compared] };
  };
  const right = await comparisons(key);
  t.true(right.known);
  t.deepEqual([...new Set(right.compared)], [32], 'SHA-256 digests, never texts');
  for (const at of [secret, secret + 20, key.length - 1]) {
    const wrong = await comparisons(withCharacter(key, at));
    t.false(wrong.known);
    t.deepEqual(wrong.compared, right.compared, `a difference at ${at}`);
  }
  const bootstrap = await comparisons('the-bootstrap-key');
  for (const wrong of ['The-bootstrap-key', 'the-bootstrap-keY', 'the', ''])
    t.deepEqual((await comparisons(wrong)).compared.slice(0, 2), bootstrap.compared.slice(0, 2), wrong);
});
