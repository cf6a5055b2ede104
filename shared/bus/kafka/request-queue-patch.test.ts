import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';

const require = createRequire(import.meta.url);
const RequestQueue = require('kafkajs/src/network/requestQueue');

const silent = () => undefined;

/** The patch of patches/kafkajs@2.2.4.patch: unpatched, the timer re-arms itself with a negative delay for ever. */
test("an idle request queue of kafkajs leaves no timer behind (pnpm's patch is applied)", async (t) => {
  const queue = new RequestQueue({
    maxInFlightRequests: null,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'test',
    broker: 'localhost:9092',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.name);
  process.on('warning', onWarning);
  try {
    // What every response does.
    queue.checkPendingRequests();
    t.is(queue.throttleCheckTimeoutId, null);
    await delay(20);
    t.is(queue.throttleCheckTimeoutId, null);
    t.deepEqual(warnings, []);
  } finally {
    process.off('warning', onWarning);
    queue.destroy();
  }
});

test('a throttled request still goes out once the throttling ends', async (t) => {
  const queue = new RequestQueue({
    maxInFlightRequests: null,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'test',
    broker: 'localhost:9092',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  queue.maybeThrottle(30);
  const sent = Promise.withResolvers<void>();
  queue.push({
    entry: { correlationId: 1, resolve: silent, reject: silent },
    expectResponse: true,
    sendRequest: sent.resolve,
  });
  await t.notThrowsAsync(sent.promise);
  queue.destroy();
});
