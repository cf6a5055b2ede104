import type { TestFn } from 'ava';
import type { Cache } from '../cache/cache.ts';
import { until } from './until.ts';

/** What every cache promises. Names of keys are the test's own, so that one server serves all. */
export function testCacheContract(test: TestFn, name: string, open: () => Promise<Cache>): void {
  const key = () => `test:${crypto.randomUUID()}`;
  const MINUTE = 60_000;

  test(`${name}: gives back what was set, with its revision`, async (t) => {
    const cache = await open();
    const [job, other] = [key(), key()];
    await cache.set(job, { revision: 3, value: '{"a":"ü:1"}' }, MINUTE);
    t.deepEqual(await cache.get(job), { revision: 3, value: '{"a":"ü:1"}' });
    t.is(await cache.get(other), undefined);
  });

  test(`${name}: I8: what is older never replaces what is newer`, async (t) => {
    const cache = await open();
    const job = key();
    await cache.set(job, { revision: 10, value: 'newer' }, MINUTE);
    await cache.set(job, { revision: 9, value: 'older' }, MINUTE);
    t.deepEqual(await cache.get(job), { revision: 10, value: 'newer' });
    await cache.set(job, { revision: 10, value: 'as new' }, MINUTE);
    t.is((await cache.get(job))?.value, 'as new');
  });

  test(`${name}: I8: a revision without a value outdates what is there and keeps older values out`, async (t) => {
    const cache = await open();
    const job = key();
    await cache.set(job, { revision: 1, value: 'first' }, MINUTE);
    await cache.set(job, { revision: 2 }, MINUTE);
    t.deepEqual(await cache.get(job), { revision: 2 });
    await cache.set(job, { revision: 1, value: 'a slow reader' }, MINUTE);
    t.deepEqual(await cache.get(job), { revision: 2 });
    await cache.set(job, { revision: 2, value: 'second' }, MINUTE);
    t.deepEqual(await cache.get(job), { revision: 2, value: 'second' });
  });

  test(`${name}: entries go when their time is over`, async (t) => {
    const cache = await open();
    const job = key();
    await cache.set(job, { revision: 1, value: 'brief' }, 20);
    await until('the entry is gone', async () => (await cache.get(job)) === undefined);
    t.pass();
  });
}
