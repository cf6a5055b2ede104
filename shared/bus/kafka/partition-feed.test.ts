import test from 'ava';
import type { IncomingMessage } from '../bus.ts';
import { type FetchedBatch, PartitionFeed } from './partition-feed.ts';

const message = (offset: bigint, bytes = 1): IncomingMessage => ({
  topic: 't',
  partition: 0,
  offset,
  headers: {},
  value: Buffer.alloc(bytes),
  timestamp: 0,
});

const fetched = (from: number, last: number, bytes = 1): FetchedBatch => ({
  from: BigInt(from),
  last: BigInt(last),
  messages: Array.from({ length: last - from + 1 }, (_, index) => message(BigInt(from + index), bytes)),
});

const recorded = () => {
  const calls: string[] = [];
  const feed = new PartitionFeed({
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    seek: (offset) => calls.push(`seek ${offset}`),
  });
  const offsets = () => feed.peek(100).map(({ offset }) => Number(offset));
  return { calls, feed, offsets };
};

test('nothing is accepted before the offset to start from is known', async (t) => {
  const { calls, feed, offsets } = recorded();
  await feed.accept(fetched(0, 3));
  t.deepEqual(offsets(), []);
  feed.start(2n);
  await feed.accept(fetched(2, 3));
  t.deepEqual(offsets(), [2, 3]);
  t.deepEqual(calls, ['pause', 'seek 2', 'resume']);
});

test('what was fetched before a seek took effect is neither repeated nor skipped over', async (t) => {
  const { calls, feed, offsets } = recorded();
  feed.start(5n);
  // From an offset before: the part that is wanted counts.
  await feed.accept(fetched(3, 6));
  await feed.accept(fetched(3, 6));
  t.deepEqual(offsets(), [5, 6]);
  // From one behind: another assignment's. Taking it would lose 7 … 9.
  await feed.accept(fetched(10, 12));
  t.deepEqual(offsets(), [5, 6]);
  t.is(calls.at(-1), 'seek 7');
  await feed.accept(fetched(7, 9));
  t.deepEqual(offsets(), [5, 6, 7, 8, 9]);
});

test('messages that the broker deleted are passed over, after one look', async (t) => {
  const { feed, offsets } = recorded();
  feed.start(5n);
  await feed.accept(fetched(20, 21));
  await feed.accept(fetched(20, 21));
  t.deepEqual(offsets(), [20, 21]);
});

test('a slow handler pauses the fetching, and draining resumes it', async (t) => {
  const { calls, feed } = recorded();
  feed.start(0n);
  await feed.accept(fetched(0, 1, 600_000));
  t.is(calls.at(-1), 'pause');
  feed.drop(1);
  t.is(calls.at(-1), 'pause');
  feed.drop(1);
  t.is(calls.at(-1), 'resume');
});

test('a quick handler makes room before the fetching is paused', async (t) => {
  const { calls, feed } = recorded();
  feed.start(0n);
  const accepted = feed.accept(fetched(0, 1, 600_000));
  feed.drop(2);
  await accepted;
  t.deepEqual(calls, ['seek 0', 'resume']);
});

test('a stopped feed gives back its memory and lets the fetch loop go on', async (t) => {
  const { feed } = recorded();
  feed.start(0n);
  const accepted = feed.accept(fetched(0, 1, 600_000));
  feed.stop();
  await accepted;
  t.is(feed.length, 0);
});
