import { RedisContainer, type StartedRedisContainer } from '@testcontainers/redis';
import type { Cache } from '@transcodeflow/shared/cache/cache.ts';
import { openRedisCache } from '@transcodeflow/shared/cache/redis-cache.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testCacheContract } from '@transcodeflow/shared/testing/cache-contract.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';

let redis: StartedRedisContainer;
const caches: Cache[] = [];

test.before(async () => {
  redis = await new RedisContainer('redis:7').start();
});
test.after.always(async () => {
  for (const cache of caches) await cache.close();
  await redis.stop();
});

async function open(): Promise<Cache> {
  const cache = await openRedisCache(redis.getConnectionUrl(), silentLogger);
  caches.push(cache);
  return cache;
}

testCacheContract(test, 'redis', open);

test.serial(
  'redis: while the server hangs every read is a miss, and afterwards it is used again',
  async (t) => {
    const cache = await open();
    await cache.set('test:outage', { revision: 1, value: 'kept' }, 60_000);
    await t.throwsAsync(
      redis.exec(['sh', '-c', 'redis-cli client pause 1500 all >/dev/null; exit 0']).then(async () => {
        t.is(await cache.get('test:outage'), undefined);
        await cache.ping();
      }),
    );
    t.deepEqual(await until('the server answers again', () => cache.get('test:outage')), {
      revision: 1,
      value: 'kept',
    });
  },
);
