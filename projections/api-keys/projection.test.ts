import type { OutgoingMessage } from '@transcodeflow/shared/bus/bus.ts';
import type { AccountEvent } from '@transcodeflow/shared/contracts/account-events.ts';
import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { apiKeyStream, webhookStream } from '@transcodeflow/shared/contracts/routing.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import type { StoredEvent } from '@transcodeflow/shared/event-store/event-store.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { rebuild } from '../rebuild/rebuild.ts';
import { verify } from '../rebuild/verify.ts';
import { openStored } from '../testing/stored-jobs.ts';
import { apiKeysProjection } from './projection.ts';

const keyId = (n: number): string => `019b7a11-7000-7000-9000-${String(n).padStart(12, '0')}`;

const created = (n: number): AccountEvent => ({
  type: 'ApiKeyCreated',
  data: {
    id: keyId(n),
    account_id: keyId(n),
    name: `Key "${n}"`,
    prefix: String(n).padStart(12, '0'),
    hash: 'a'.repeat(64),
    scopes: n % 2 ? ['read'] : ['read', 'write', 'admin'],
    storage_quota_bytes: n % 3 ? null : 10_000_000_000 + n,
    rate_limit: n % 4 ? null : n + 1,
    priority: 'low',
    expires_at: n % 5 ? null : '2027-01-02T03:04:05.678Z',
    by: 'bootstrap',
  },
});
const revoked = (n: number): AccountEvent => ({
  type: 'ApiKeyRevoked',
  data: { id: keyId(n), account_id: keyId(n), by: 'bootstrap' },
});

async function open(t: ExecutionContext) {
  const stored = await openStored(t);
  const { store, bus } = stored;
  const append = (stream: string, expected: number, events: readonly AccountEvent[]) =>
    store.append(stream, expected, events, { correlation_id: 'request' });
  const messages = (list: readonly StoredEvent[]): OutgoingMessage[] =>
    list.map(({ id, type, time, revision, data }) => {
      const { id: subject, account_id } = Object(data);
      return toMessage(topics.accounts, account_id, {
        ...{ id, type, source: '/test', subject, time, revision, data },
      });
    });
  return { ...stored, append, tell: (list: readonly StoredEvent[]) => bus.publish(messages(list)), messages };
}

const keys = 'select * from read_model.api_key order by id';

test('I4: a rebuild of api_keys gives the rows that following the bus gave, in any batches', async (t) => {
  const { append, tell, project, options, rows } = await open(t);
  await project(apiKeysProjection);
  for (let n = 0; n < 30; n += 1) {
    const stored = await append(apiKeyStream(keyId(n)), 0, n % 7 ? [created(n)] : [created(n), revoked(n)]);
    if (n % 2) await tell(stored);
    else for (const event of stored) await tell([event]);
  }
  // An endpoint's events are on the same topic and in the same store; they are no keys.
  await tell(
    await append(webhookStream(keyId(99)), 0, [
      {
        type: 'WebhookEndpointDeleted',
        data: { id: keyId(99), account_id: keyId(1), by: keyId(1) },
      },
    ]),
  );
  const live = await rows(keys);
  t.is(live.length, 30);
  t.is(live.filter((row) => row.revoked_at !== null).length, 5);
  t.like(live[0], { revision: 2, name: 'Key "0"', scopes: ['read', 'write', 'admin'] });
  t.like(live[0], { storage_quota_bytes: '10000000000', rate_limit: 1, priority: 'low' });
  const before = await verify(apiKeysProjection, options);
  t.deepEqual([before.equal, before.differences], [true, []]);
  await rebuild(apiKeysProjection, options);
  t.deepEqual(await rows(keys), live);
  t.is((await verify(apiKeysProjection, options)).live, before.live);
});

test('I4: verify notices a key whose revocation the table does not show, and a rebuild heals it', async (t) => {
  const { append, tell, project, options, pool, rows } = await open(t);
  await project(apiKeysProjection);
  await tell(await append(apiKeyStream(keyId(1)), 0, [created(1), revoked(1)]));
  await pool.query('update read_model.api_key set revoked_at = null');
  t.regex((await verify(apiKeysProjection, options)).differences[0] ?? '', /revoked_at is null live/);
  await rebuild(apiKeysProjection, options);
  t.not((await rows(keys))[0]?.revoked_at, null);
});

test('I3: an event of a key that comes again is skipped, and at a gap the projection stops', async (t) => {
  const { append, tell, messages, bus, project, rows } = await open(t);
  const failures: string[] = [];
  await project({
    ...apiKeysProjection,
    apply: (client, batch) =>
      apiKeysProjection.apply(client, batch).catch((error) => {
        failures.push(String(error));
        throw error;
      }),
  });
  const stored = await append(apiKeyStream(keyId(1)), 0, [created(1), revoked(1)]);
  await tell(stored);
  const before = await rows(keys);
  await tell(stored);
  await tell(stored.slice(0, 1));
  t.deepEqual(await rows(keys), before);
  const [, late] = await append(apiKeyStream(keyId(2)), 0, [created(2), revoked(2)]);
  const blocked = bus.publish(messages(late ? [late] : []));
  blocked.catch(() => {});
  await until('it stopped', () => failures.length > 0);
  t.regex(failures[0] ?? '', /is at revision 0, the next event is 2/);
  t.is((await rows(keys)).length, 1);
});
