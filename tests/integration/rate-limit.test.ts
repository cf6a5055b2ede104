import { memoryCounters } from '@transcodeflow/shared/http/rate-limit/memory-counters.ts';
import { redisCounters } from '@transcodeflow/shared/http/rate-limit/redis-counters.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import test from 'ava';
import { Wait } from 'testcontainers';
import { startRestartable } from '../systems/restartable.ts';
import { until } from '../systems/until.ts';

test('Redis counts for all processes together; while it is away each counts for itself', async (t) => {
  const redis = await startRestartable('redis:7', 6379, {
    ready: Wait.forLogMessage('Ready to accept connections'),
  });
  t.teardown(() => redis.stop());
  const url = `redis://${redis.host}:${redis.port}`;
  const [one, two] = [await redisCounters(url, silentLogger), await redisCounters(url, silentLogger)];
  t.teardown(() => Promise.all([one.close(), two.close()]));

  const counts = await Promise.all(
    Array.from({ length: 200 }, (_, n) => (n % 2 ? one : two).count('key:anna')),
  );
  t.deepEqual(
    counts.map(({ used }) => used).sort((a, b) => a - b),
    Array.from({ length: 200 }, (_, n) => n + 1),
  );
  t.true(counts.every(({ resetMs }) => resetMs > 0 && resetMs <= 60_000));
  t.is((await one.count('key:ben')).used, 1);

  await redis.kill();
  const alone = await Promise.all([one.count('key:anna'), one.count('key:anna'), two.count('key:anna')]);
  t.deepEqual(
    alone.map(({ used }) => used),
    [1, 2, 1],
  );
  await redis.start();
  await until(
    'they count together again',
    async () => [(await one.count('key:cleo')).used, (await two.count('key:cleo')).used] as const,
    ([first, second]) => second === first + 1 && first > 1,
  );
});

test('memory counts the same way', async (t) => {
  const counters = memoryCounters();
  t.deepEqual(
    [(await counters.count('a')).used, (await counters.count('a')).used, (await counters.count('b')).used],
    [1, 2, 1],
  );
});
