import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import test from 'ava';
import { silentLogger } from '../telemetry/logger.ts';
import { openRedisCache } from './redis-cache.ts';

/** A port where nothing listens. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('Redis away: it opens all the same, reads are misses, writes are lost, nothing queues up', async (t) => {
  const cache = await openRedisCache(`redis://127.0.0.1:${await deadPort()}`, silentLogger);
  t.teardown(() => cache.close());
  const answers = await Promise.all(Array.from({ length: 1_000 }, (_, n) => cache.get(`key-${n}`)));
  t.true(answers.every((answer) => answer === undefined));
  await t.notThrowsAsync(cache.set('a', { revision: 1, value: 'x' }, 1_000));
  await t.throwsAsync(cache.ping());
});

test('Redis that takes connections and says nothing: each read is a miss after a moment', async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cache = await openRedisCache(`redis://127.0.0.1:${port}`, silentLogger);
  t.is(await cache.get('a'), undefined);
  await cache.close();
  server.close();
});
