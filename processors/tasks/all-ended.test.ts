import test from 'ava';
import { allEnded } from './all-ended.ts';

test('what failed first in order is told when all have ended', async (t) => {
  const slow = Promise.withResolvers<string>();
  let told = false;
  const all = allEnded([slow.promise, Promise.reject(new Error('second'))]).finally(() => {
    told = true;
  });
  all.catch(() => {});
  await new Promise(setImmediate);
  t.false(told);
  slow.reject(new Error('first'));
  await t.throwsAsync(all, { message: 'first' });
});

test('results come in order, and what is no promise is one', async (t) => {
  t.deepEqual(await allEnded([Promise.resolve(1), undefined, Promise.resolve('b')]), [1, undefined, 'b']);
});
