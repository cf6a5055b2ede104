import type { ExecutionContext, TestFn } from 'ava';
import { jobStream } from '../contracts/routing.ts';
import {
  type EventStore,
  type NewEvent,
  RevisionConflictError,
  type StoredEvent,
} from '../event-store/event-store.ts';

const METADATA = { correlation_id: 'request-1', causation_id: 'cause-1', traceparent: '00-1-2-01' };
const CONFLICT = { instanceOf: RevisionConflictError };
const event = (n: number): NewEvent => ({ type: 'JobRetried', data: { by: `key-${n}` } });
const newStream = () => jobStream(crypto.randomUUID());
const revisionsOf = (events: readonly StoredEvent[]) => events.map(({ revision }) => revision);
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

async function readEverything(store: EventStore, page: number, upTo?: bigint): Promise<StoredEvent[]> {
  const seen: StoredEvent[] = [];
  for (;;) {
    const events = await store.readAll(seen.at(-1)?.position ?? 0n, page, upTo);
    if (events.length === 0) return seen;
    seen.push(...events);
  }
}

/** What every event store promises. `open` gives an empty store, which it closes when the test has ended. */
export function testEventStoreContract(
  test: TestFn,
  name: string,
  open: (t: ExecutionContext) => Promise<EventStore>,
): void {
  test(`${name}: what was appended is read back in order, with its metadata`, async (t) => {
    const store = await open(t);
    const stream = newStream();
    const appended = await store.append(stream, 0, [event(1), event(2)], METADATA);
    t.deepEqual(revisionsOf(appended), [1, 2]);
    const third = await store.append(stream, 2, [event(3)], { correlation_id: 'request-2' });
    await store.append(newStream(), 0, [event(9)], METADATA);
    const read = await store.read(stream);
    t.deepEqual(read, [...appended, ...third]);
    t.like(read[0], { stream, type: 'JobRetried', version: 1, data: { by: 'key-1' }, metadata: METADATA });
    t.deepEqual(read[2]?.metadata, { correlation_id: 'request-2' });
    t.deepEqual(await store.read(stream, 3), read.slice(2));
    t.deepEqual(await store.read(stream, 4), []);
    t.deepEqual(await store.read(newStream()), []);
    t.is(new Set(read.map(({ id }) => id)).size, 3);
    t.true(read.every(({ time }) => Math.abs(Date.parse(time) - Date.now()) < 60_000));
  });

  test(`${name}: readAll pages through every stream in order of position, up to the frontier`, async (t) => {
    const store = await open(t);
    t.deepEqual(await store.readAll(0n, 10), []);
    const before = await store.frontier();
    const [one, two] = [newStream(), newStream()];
    for (let n = 0; n < 5; n += 1) {
      await store.append(one, n, [event(n)], METADATA);
      await store.append(two, 2 * n, [event(n), event(n)], METADATA);
    }
    const frontier = await store.frontier();
    t.deepEqual(await store.readAll(0n, 10, before), []);
    const seen = await readEverything(store, 4);
    t.is(seen.length, 15);
    for (const [index, { position }] of seen.entries())
      t.true(position > (seen[index - 1]?.position ?? 0n), String(index));
    for (const stream of [one, two])
      t.deepEqual(
        seen.filter((stored) => stored.stream === stream),
        await store.read(stream),
      );
    t.true((seen.at(-1)?.position ?? 0n) <= frontier);
    const [later] = await store.append(one, 5, [event(5)], METADATA);
    t.true((later?.position ?? 0n) > frontier);
    t.deepEqual(await readEverything(store, 4, frontier), seen);
    t.deepEqual(await readEverything(store, 100), [...seen, later]);
  });

  test(`${name}: I1: an append behind or past the end of the stream is refused and leaves nothing`, async (t) => {
    const store = await open(t);
    const stream = newStream();
    await store.append(stream, 0, [event(1), event(2)], METADATA);
    for (const expected of [0, 1, 3, 7])
      await t.throwsAsync(store.append(stream, expected, [event(3)], METADATA), CONFLICT, String(expected));
    // As long as what it collides with, and all in one: nothing of it is stored.
    await t.throwsAsync(store.append(stream, 1, [event(3), event(4), event(5)], METADATA), CONFLICT);
    await t.throwsAsync(store.append(newStream(), 1, [event(1)], METADATA), CONFLICT, 'no such stream');
    t.deepEqual(revisionsOf(await store.readAll(0n, 10)), [1, 2]);
  });

  test(`${name}: I1: of concurrent appends at one revision exactly one wins`, async (t) => {
    const store = await open(t);
    const stream = newStream();
    for (let expected = 0; expected < 10; expected += 1) {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, writer) => store.append(stream, expected, [event(writer)], METADATA)),
      );
      t.is(results.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const result of results)
        if (result.status === 'rejected')
          t.true(result.reason instanceof RevisionConflictError, String(result.reason));
    }
    t.deepEqual(revisionsOf(await store.read(stream)), oneTo(10));
  });

  test(`${name}: data comes back as it went in, whatever JSON it is`, async (t) => {
    const store = await open(t);
    const stream = newStream();
    const data: unknown[] = [
      { zero: '\u0000', emoji: '🎬', lone: '\ud800', quotes: `'"\\`, z: 1, a: 2, big: 1e300, nothing: null },
      null,
      true,
      -0.1,
      '',
      [],
      {},
      [[{ a: [] }]],
      { __proto__x: 1, '': 'empty', ключ: 'значение', $1: '$2' },
      'x'.repeat(100_000),
    ];
    for (const [revision, value] of data.entries())
      await store.append(stream, revision, [{ type: 'JobRetried', data: value }], METADATA);
    const read = await store.read(stream);
    t.is(read.length, data.length);
    for (const [index, value] of data.entries())
      t.is(JSON.stringify(read[index]?.data), JSON.stringify(value));
  });

  test(`${name}: more events than one page are appended and read as a whole`, async (t) => {
    const store = await open(t);
    const stream = newStream();
    await store.append(stream, 0, oneTo(1_500).map(event), METADATA);
    t.deepEqual(revisionsOf(await store.read(stream)), oneTo(1_500));
    t.deepEqual(revisionsOf(await readEverything(store, 700)), oneTo(1_500));
  });

  test(`${name}: appending nothing is no write`, async (t) => {
    const store = await open(t);
    t.deepEqual(await store.append(newStream(), 7, [], METADATA), []);
    await t.notThrowsAsync(store.ping());
  });
}
