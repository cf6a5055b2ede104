import { type AccountEventOf, parseAccountEvent } from '@transcodeflow/shared/contracts/account-events.ts';
import test, { type ExecutionContext } from 'ava';
import type { ApiKeyCommand } from './commands.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import type { ApiKeyEvent, ApiKeyState } from './state.ts';

const NOW = new Date('2026-01-02T03:04:05.000Z');
const ID = '019b7a11-7000-7000-8000-00000000000a';

const key: AccountEventOf<'ApiKeyCreated'>['data'] = {
  id: ID,
  account_id: ID,
  name: 'Archive',
  prefix: '0f3a9c4d2b71',
  hash: 'a'.repeat(64),
  scopes: ['read', 'write'],
  storage_quota_bytes: 1_000,
  rate_limit: null,
  priority: 'low',
  expires_at: '2026-01-02T03:04:06.000Z',
  by: 'bootstrap',
};
const create = (changes: Partial<typeof key> = {}): ApiKeyCommand => ({
  type: 'CreateApiKey',
  data: { ...key, ...changes },
});
const revoke: ApiKeyCommand = { type: 'RevokeApiKey', data: { by: 'key-2' } };
const created: ApiKeyEvent = { type: 'ApiKeyCreated', data: key };
const revoked: ApiKeyEvent = { type: 'ApiKeyRevoked', data: { id: ID, account_id: ID, by: 'key-2' } };

/** Reads given(events).when(command).then(events). */
const given = (...history: ApiKeyEvent[]) => ({
  when(command: ApiKeyCommand) {
    const state = history.reduce<ApiKeyState>(evolve, undefined);
    const decided = () => decide(command, state, { now: NOW });
    return {
      // biome-ignore lint/suspicious/noThenProperty: the word of the specs; nobody awaits this object.
      then(t: ExecutionContext, ...expected: ApiKeyEvent[]): void {
        t.deepEqual(decided(), expected);
        for (const { type, data } of expected) t.deepEqual(parseAccountEvent(type, data), { type, data });
      },
      thenRefused(t: ExecutionContext, code: string): void {
        t.throws(decided, { code });
      },
    };
  },
});

test('a key is created as it was asked for', (t) => {
  given().when(create()).then(t, created);
  given()
    .when(create({ expires_at: null }))
    .then(t, { type: 'ApiKeyCreated', data: { ...key, expires_at: null } });
});

test('a key that has expired already is refused, with the field', (t) => {
  for (const expires_at of ['2026-01-02T03:04:05.000Z', '2025-01-02T03:04:05.000Z'])
    given().when(create({ expires_at })).thenRefused(t, 'invalid_request');
  const error = t.throws(() => decide(create({ expires_at: NOW.toISOString() }), undefined, { now: NOW }));
  t.like(error, { fields: { expires_at: 'must lie in the future' } });
});

test('a repeated creation changes nothing, whatever became of the key', (t) => {
  given(created)
    .when(create({ hash: 'b'.repeat(64) }))
    .then(t);
  given(created, revoked).when(create()).then(t);
});

test('a key is revoked once; to revoke it again is no error and changes nothing', (t) => {
  given(created).when(revoke).then(t, revoked);
  given(created, revoked).when(revoke).then(t);
});

test('there is nothing to revoke where there is no key', (t) => {
  given().when(revoke).thenRefused(t, 'api_key_not_found');
});

test('a damaged stream is noticed', (t) => {
  t.throws(() => evolve(undefined, revoked), { message: /damaged/ });
});
