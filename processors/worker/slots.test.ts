import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { createSlots } from './slots.ts';

const [high, normal, low] = ['high', 'normal', 'low'];

/** Slots whose waiting topics come back for one task as soon as they are resumed, as the bus does. */
function eager(count: number) {
  const taken: string[] = [];
  const slots = createSlots(count, [high, normal, low], (topic) => {
    if (slots.take(topic)) taken.push(topic);
  });
  return { slots, taken };
}

test('no more tasks than slots', (t) => {
  const slots = createSlots(2, [high, normal, low], () => {});
  t.deepEqual([slots.take(high), slots.take(normal), slots.take(high)], [true, true, false]);
  t.is(slots.inUse(), 2);
});

test('a free slot goes to the highest class that waits, whoever came first', (t) => {
  const { slots, taken } = eager(1);
  slots.take(normal);
  t.false(slots.take(low));
  t.false(slots.take(normal));
  t.false(slots.take(high));
  for (let n = 0; n < 3; n += 1) slots.release();
  t.deepEqual(taken, [high, normal, low]);
});

test('a lower class is never starved: every fifth slot is for the one that has waited longest', (t) => {
  const { slots, taken } = eager(1);
  slots.take(high);
  t.false(slots.take(low));
  // After its turn it waits behind the high one that was there before: that one is not passed over.
  for (let n = 0; n < 12; n += 1) {
    slots.take(high);
    slots.release();
    if (taken.at(-1) === low) slots.take(low);
  }
  t.deepEqual(taken, [high, high, high, high, low, high, high, high, high, high, low, high]);
});

test('a slot kept for a resumed class is nobody else’s', (t) => {
  const resumed: string[] = [];
  const slots = createSlots(1, [high, normal, low], (topic) => resumed.push(topic));
  slots.take(normal);
  t.false(slots.take(low));
  slots.release();
  t.deepEqual(resumed, [low]);
  t.false(slots.take(high), 'kept for the low one');
  t.true(slots.take(low));
  t.is(slots.inUse(), 1);
});

test('a class that has nothing after all gives its slot up to the next', async (t) => {
  const resumed: string[] = [];
  const slots = createSlots(1, [high, normal, low], (topic) => resumed.push(topic));
  slots.take(normal);
  slots.take(high);
  slots.take(low);
  slots.release();
  await until('the low class is resumed', () => resumed.includes(low));
  t.deepEqual(resumed, [high, low]);
  t.true(slots.take(low));
});
