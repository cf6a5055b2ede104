import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { openKafkaBus } from '@transcodeflow/shared/bus/kafka-bus.ts';
import { createLogger } from '@transcodeflow/shared/telemetry/logger.ts';

/** Joins a group, prints what it takes, and closes when its standard input ends. Nothing else ends the process. */
const [topic = '', group = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

const bus = await openKafkaBus({
  brokers: (process.env.KAFKA_BROKERS ?? '').split(','),
  clientId: 'member',
  log: createLogger('member', 'fatal'),
});
await bus.subscribe({
  group,
  topics: [topic],
  handler: async ({ messages }) => {
    for (const { value } of messages) say(value.toString());
  },
});
say('ready');
process.stdin.resume();
await once(process.stdin, 'end');

const IDLE_MS = 3_000;
const before = process.cpuUsage();
await delay(IDLE_MS);
const { user, system } = process.cpuUsage(before);
say(`idle: ${((user + system) / 10 / IDLE_MS).toFixed(1)} % of a core`);
await bus.close();
