import { totalmem } from 'node:os';
import test from 'ava';
import { defaultSlots, memoryPerSlot, thisMachine, threadsPerSlot } from './slot-share.ts';

test('cores are shared out among the slots, and nobody is left without', (t) => {
  const share = (cores: number, slots: number) => threadsPerSlot({ cores, memory_bytes: 1 }, slots);
  t.deepEqual([share(2, 2), share(16, 8), share(16, 5), share(1, 10), share(8, 1)], [1, 2, 4, 1, 8]);
});

test('a transcript has a slot beside an encode, on any machine', (t) => {
  t.deepEqual(
    [1, 2, 3, 4, 9, 64].map((cores) => defaultSlots({ cores, memory_bytes: 1 })),
    [2, 2, 2, 2, 4, 32],
  );
});

test('four fifths of the memory are shared out, but never less than 2 GiB', (t) => {
  const GiB = 1_024 ** 3;
  const share = (gibibytes: number, slots: number) =>
    memoryPerSlot({ cores: 1, memory_bytes: gibibytes * GiB }, slots) / GiB;
  t.deepEqual([share(20, 2), share(100, 10), share(4, 10)], [8, 8, 2]);
});

test('this machine has a core and some memory', (t) => {
  const { cores, memory_bytes } = thisMachine();
  t.true(cores >= 1);
  t.true(memory_bytes > 1_024 ** 2 && memory_bytes <= totalmem());
});
