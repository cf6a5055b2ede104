import test from 'ava';
import { identity } from '../testing/identity.ts';
import { createKeyCache } from './key-cache.ts';
import type { KeyRecord } from './key-record.ts';

const record: KeyRecord = {
  identity: identity('key-1', 'read'),
  digest: Buffer.alloc(32),
  expiresAt: null,
  revoked: false,
};

/** A cache over keys that the test changes and whose reads it ends. */
function open(trusted: () => boolean = () => true) {
  const keys = new Map([['known', [record]]]);
  const reads: string[] = [];
  let held: Promise<void> = Promise.resolve();
  const cache = createKeyCache({
    async read(prefix) {
      reads.push(prefix);
      const found = keys.get(prefix) ?? [];
      await held;
      return found;
    },
    trusted,
    trustedMs: 60_000,
  });
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return () => {
      held = Promise.resolve();
      resolve();
    };
  };
  return { cache, keys, reads, hold };
}

test('a key is read once, until something changes', async (t) => {
  const { cache, keys, reads } = open();
  t.deepEqual(await cache.get('known'), [record]);
  t.deepEqual(await cache.get('known'), [record]);
  t.is(reads.length, 1);
  keys.set('known', [{ ...record, revoked: true }]);
  cache.forget();
  t.true((await cache.get('known'))[0]?.revoked);
});

test('what does not exist is not remembered: a key that is made works at once, and making keys up fills nothing', async (t) => {
  const { cache, keys, reads } = open();
  for (let n = 0; n < 3; n += 1) t.deepEqual(await cache.get('new'), []);
  t.is(reads.length, 3);
  keys.set('new', [record]);
  t.deepEqual(await cache.get('new'), [record]);
});

test('made-up prefixes push no key out, however many they are', async (t) => {
  const { cache, reads } = open();
  await cache.get('known');
  for (let n = 0; n < 20_000; n += 1) await cache.get(`made-up-${n}`);
  reads.length = 0;
  await cache.get('known');
  t.deepEqual(reads, []);
});

test('what was read before a change is not kept', async (t) => {
  const { cache, keys, hold } = open();
  const goOn = hold();
  const old = cache.get('known');
  keys.set('known', [{ ...record, revoked: true }]);
  cache.forget();
  goOn();
  t.false((await old)[0]?.revoked);
  t.true((await cache.get('known'))[0]?.revoked);
});

test('whoever asks after a change is not given what was being read before it', async (t) => {
  const { cache, keys, reads, hold } = open();
  const goOn = hold();
  const old = cache.get('known');
  keys.set('known', [{ ...record, revoked: true }]);
  cache.forget();
  const later = cache.get('known');
  goOn();
  await old;
  t.true((await later)[0]?.revoked);
  t.is(reads.length, 2);
});

test('lookups at the same time share one query; a failed one is not kept', async (t) => {
  const { cache, reads } = open();
  await Promise.all(Array.from({ length: 10 }, () => cache.get('known')));
  t.is(reads.length, 1);
  let failing = true;
  const flaky = createKeyCache({
    read: async () => {
      if (failing) throw new Error('away');
      return [record];
    },
    trusted: () => true,
    trustedMs: 60_000,
  });
  await t.throwsAsync(flaky.get('known'), { message: 'away' });
  failing = false;
  t.deepEqual(await flaky.get('known'), [record]);
});

test('while changes are not heard of nothing is answered from memory', async (t) => {
  let connected = true;
  const { cache, keys } = open(() => connected);
  await cache.get('known');
  connected = false;
  keys.set('known', [{ ...record, revoked: true }]);
  t.true((await cache.get('known'))[0]?.revoked);
});
