import type { Subscription } from '@transcodeflow/shared/bus/bus.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import type { CommandHandler } from '../command-handler.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import { LEASE_MS } from './lease.ts';
import { watchDeadlines } from './watch.ts';

// A file of its own: the clock is set forward, which no other test should see.
const clock = Date.now;
let ahead = 0;
test.before(() => {
  Date.now = () => clock() + ahead;
});
test.after.always(() => {
  Date.now = clock;
});

test('I6: after an outage silence proves nothing: leases end only when heartbeats were followed without a gap for a whole lease', async (t) => {
  const asked: string[][] = [];
  let lag: () => Promise<number> = async () => 3;
  const deadlines: Pick<Deadlines, 'takeDue'> = {
    takeDue: async (kinds) => {
      asked.push([...kinds]);
      return [] as Deadline[];
    },
  };
  const stop = new AbortController();
  const watching = watchDeadlines({
    deadlines: deadlines as Deadlines,
    commands: {} as CommandHandler,
    log: silentLogger,
    progress: { lag: () => lag() } as Subscription,
    partitions: () => [0],
    signal: stop.signal,
    soleProcessor: false,
  });
  const nextAnswers = async (count: number) => {
    const from = asked.length;
    await until(`${count} more looks`, () => asked.length >= from + count);
    return asked.at(-1);
  };
  const [onlyRetries, both] = [
    ['retry', 'dispatch'],
    ['lease', 'retry', 'dispatch'],
  ];

  t.deepEqual(await nextAnswers(2), onlyRetries, 'behind with the heartbeats');
  ahead += LEASE_MS;
  t.deepEqual(await nextAnswers(2), onlyRetries, 'time alone does not help');
  lag = async () => 0;
  t.deepEqual(await nextAnswers(2), onlyRetries, 'caught up, but not for long');
  ahead += LEASE_MS;
  t.deepEqual(await nextAnswers(2), both, 'followed for a whole lease');
  lag = async () => Promise.reject(new Error('the broker is away'));
  t.deepEqual(await nextAnswers(2), onlyRetries, 'the broker is away');
  lag = async () => 0;
  t.deepEqual(await nextAnswers(2), onlyRetries, 'it starts anew');
  ahead += LEASE_MS;
  t.deepEqual(await nextAnswers(2), both);
  stop.abort();
  await watching;
});
