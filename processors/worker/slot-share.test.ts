import test from 'ava';
import { defaultSlots, thisMachine, threadsPerSlot } from './slot-share.ts';

test('cores are shared out among the slots, and nobody is left without', (t) => {
  const share = (cores: number, slots: number) => threadsPerSlot({ cores }, slots);
  t.deepEqual([share(2, 2), share(16, 8), share(16, 5), share(1, 10), share(8, 1)], [1, 2, 4, 1, 8]);
});

test('a transcript has a slot beside an encode, on any machine', (t) => {
  t.deepEqual(
    [1, 2, 3, 4, 9, 64].map((cores) => defaultSlots({ cores })),
    [2, 2, 2, 2, 4, 32],
  );
});

test('this machine has a core', (t) => {
  t.true(thisMachine().cores >= 1);
});
