import test, { type ExecutionContext } from 'ava';
import type { Bus, IncomingMessage, OutgoingMessage } from '../bus/bus.ts';
import { createInProcessBus } from '../bus/in-process-bus.ts';
import { fromDeadLetter } from '../contracts/dead-letter.ts';
import { openPool } from '../database/pool.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { testDatabase } from '../testing/postgres.ts';
import { until } from '../testing/until.ts';
import { isTransient } from './is-transient.ts';
import { openDeadLetters } from './open-dead-letters.ts';
import { OperatorError } from './operator.ts';
import { testOperator } from './testing.ts';

const TOPIC = 'transcodeflow.jobs';
const CONSUMER = 'consumer';

const message = (key: string | undefined, text: string): OutgoingMessage => ({
  topic: TOPIC,
  ...(key === undefined ? {} : { key }),
  headers: { ce_type: text },
  value: Buffer.from(text),
});

async function open(t: ExecutionContext) {
  const url = await testDatabase(t);
  const bus = createInProcessBus();
  const handled: string[] = [];
  /** Texts that cannot be handled, and with which error. */
  const poison = new Map<string, Error>();
  let tries = 0;
  const start = async (consumer = CONSUMER, over: Bus = bus) => {
    const deadLetters = await openDeadLetters({ url, bus: over, log: silentLogger });
    const subscription = await bus.subscribe({
      group: consumer,
      topics: [TOPIC],
      handler: deadLetters.guard(consumer, async ({ key, value }: IncomingMessage) => {
        tries += 1;
        const error = poison.get(String(value));
        if (error) throw error;
        handled.push(`${key}:${value}`);
      }),
    });
    let closing: Promise<void> | undefined;
    const close = () => (closing ??= subscription.close().then(() => deadLetters.close()));
    t.teardown(close);
    return { close };
  };
  const service = await start();
  const pool = openPool({ url, name: 'test', max: 2, log: silentLogger });
  t.teardown(() => pool.end());
  const letters: IncomingMessage[] = [];
  await bus.subscribe({
    group: 'reader',
    topics: [`${TOPIC}.dead-letter`],
    handler: async ({ messages }) => void letters.push(...messages),
  });
  const publish = (...texts: string[]) =>
    bus.publish(
      texts.map((text) => {
        const [key, value] = text.split(':');
        return message(key, value!);
      }),
    );
  const operator = testOperator(pool);
  return { bus, publish, poison, handled, start, service, operator, letters, tries: () => tries };
}

test('I9: a poison message parks, later ones of its job park behind it, other jobs flow', async (t) => {
  const { publish, poison, handled, operator, tries } = await open(t);
  poison.set('bad', new Error('bug'));
  await publish('a:1', 'a:bad', 'b:1', 'a:3');
  await publish('b:2', 'a:4');
  t.deepEqual(handled.toSorted(), ['a:1', 'b:1', 'b:2']);
  t.deepEqual(await operator.parked(), [`${CONSUMER} a bad 3`, `${CONSUMER} a 3 0`, `${CONSUMER} a 4 0`]);
  t.is(tries(), 3 + 3, 'three tries, and none for what waits');
});

test('I9, I3: a retry hands a job back in order, to this consumer alone, and opens the job again', async (t) => {
  const { publish, poison, handled, operator, start } = await open(t);
  poison.set('2', new Error('bug'));
  await start('other');
  await publish('a:1', 'a:2', 'a:3', 'a:4');
  t.is((await operator.parked()).length, 6);
  handled.length = 0;
  poison.clear();
  const [first] = await operator.list({ consumer: CONSUMER });
  t.deepEqual(await operator.retry({ id: first!.id }), { handled: 3, waiting: [], failed: [] });
  t.deepEqual(handled, ['a:2', 'a:3', 'a:4'], 'the other consumer got nothing');
  t.is((await operator.list({ consumer: 'other' })).length, 3);
  await publish('a:5');
  t.deepEqual(handled, ['a:2', 'a:3', 'a:4', 'a:5']);
  t.is((await operator.list({ consumer: 'other' })).length, 4);
  t.is((await operator.retry({ job: 'a' })).handled, 4);
  t.deepEqual(await operator.parked(), []);
});

test('I9: a retry that fails changes nothing but the error, and goes as far as it can', async (t) => {
  const { publish, poison, handled, operator } = await open(t);
  poison.set('1', new Error('bug'));
  await publish('a:1', 'a:2', 'a:3');
  t.like(await operator.retry('all'), { handled: 0 });
  t.deepEqual(handled, []);
  poison.clear();
  poison.set('3', new Error('another bug'));
  const outcome = await operator.retry('all');
  t.is(outcome.handled, 2);
  t.regex(outcome.failed[0]!.error!, /another bug/);
  t.deepEqual(handled, ['a:1', 'a:2']);
});

test('I9: what is parked outlives a restart, and a message delivered again is parked once', async (t) => {
  const { publish, poison, handled, operator, service, start } = await open(t);
  poison.set('1', new Error('bug'));
  await publish('a:1', 'a:2');
  await service.close();
  await start();
  poison.clear();
  await publish('a:1', 'a:2', 'a:3', 'b:1');
  t.deepEqual(handled, ['b:1']);
  t.is((await operator.parked()).length, 3);
  await operator.retry('all');
  t.deepEqual(handled, ['b:1', 'a:1', 'a:2', 'a:3']);
});

test('I9, I3: messages that come while a job is handed back are neither lost, nor overtake', async (t) => {
  const { publish, poison, handled, operator } = await open(t);
  poison.set('0', new Error('bug'));
  await publish(...Array.from({ length: 60 }, (_, n) => `a:${n}`));
  poison.clear();
  const retried = operator.retry('all');
  for (let n = 60; n < 160; n += 1) await publish(`a:${n}`);
  await retried;
  await until('all are handled', () => handled.length === 160);
  t.deepEqual(
    handled,
    Array.from({ length: 160 }, (_, n) => `a:${n}`),
  );
  // The last one is handled a moment before it is taken out.
  await until('nothing is parked', async () => (await operator.parked()).length === 0);
});

test('I9: without a key a message parks alone', async (t) => {
  const { bus, poison, handled, operator } = await open(t);
  poison.set('1', new Error('bug'));
  for (const key of [undefined, '']) await bus.publish([message(key, '1'), message(key, '2')]);
  t.deepEqual(handled, ['undefined:2', ':2']);
  t.deepEqual(await operator.parked(), [`${CONSUMER} null 1 3`, `${CONSUMER}  1 3`]);
});

test('I9: a message that PostgreSQL could not hold as text parks like any other, and comes back as it was', async (t) => {
  const { bus, poison, handled, operator } = await open(t);
  poison.set('1', new Error('with \0 in it'));
  await bus.publish([{ ...message('k\0', '1'), headers: { odd: '\0' } }, message('k\0', '2')]);
  t.is((await operator.parked()).length, 2);
  poison.clear();
  await operator.retry('all');
  t.deepEqual(handled, ['k\0:1', 'k\0:2']);
});

test('what is transient is not parked: the bus offers it again', async (t) => {
  const { publish, poison, handled, operator, tries } = await open(t);
  poison.set('1', Object.assign(new Error('no database'), { code: 'ECONNREFUSED' }));
  const published = publish('a:1');
  await until('it was offered again', () => tries() > 4);
  t.deepEqual(await operator.parked(), []);
  poison.clear();
  await published;
  t.deepEqual(handled, ['a:1']);
});

test('a copy goes to the dead-letter topic, with what is needed to understand it', async (t) => {
  const { publish, poison, letters } = await open(t);
  poison.set('1', new Error('bug'));
  await publish('a:1', 'a:2');
  await until('both are there', () => letters.length === 2);
  const { message: original, reason } = fromDeadLetter(letters[0]!);
  t.like(original, { topic: TOPIC, partition: 0, key: 'a', headers: { ce_type: '1' } });
  t.is(String(original.value), '1');
  t.like(reason, { consumer: CONSUMER, attempts: 3, error: 'Error: bug' });
  t.regex(reason.stack, /dead-letters\.test\.ts/);
  t.is(letters[1]!.headers.dead_letter_attempts, '0');
});

test('a copy that the broker refuses keeps neither the other copies nor a retry back', async (t) => {
  const { bus, publish, poison, handled, letters, operator, service, start } = await open(t);
  await service.close();
  await start(CONSUMER, {
    ...bus,
    async publish(messages) {
      if (messages.some(({ key }) => key === 'a')) throw new RangeError('too large');
      await bus.publish(messages);
    },
  });
  poison.set('bad', new Error('bug'));
  await publish('a:bad', 'b:bad');
  await until('the other copy', () => letters.length === 1);
  t.is(letters[0]!.key, 'b');
  poison.clear();
  t.is((await operator.retry('all')).handled, 2);
  t.deepEqual(handled.toSorted(), ['a:bad', 'b:bad']);
});

test('dropping takes one message, says what is left, and spares a read model without force', async (t) => {
  const { publish, poison, operator, start } = await open(t);
  poison.set('1', new Error('bug'));
  await start('projections.jobs');
  await publish('a:1', 'a:2');
  const [first, second] = await operator.list({ consumer: CONSUMER });
  t.is(await operator.drop(first!.id), 1);
  t.is(await operator.drop(second!.id), 0);
  await t.throwsAsync(operator.drop(first!.id), { instanceOf: OperatorError });
  const [event] = await operator.list({ consumer: 'projections.jobs' });
  await t.throwsAsync(operator.drop(event!.id), { instanceOf: OperatorError, message: /rebuild/ });
  t.is(await operator.drop(event!.id, { force: true }), 1);
});

test('which errors are transient', (t) => {
  const coded = (code: string, more: object = {}) => Object.assign(new Error('x'), { code, ...more });
  const transient = [
    coded('57P01', { severity: 'FATAL' }),
    coded('40P01', { severity: 'ERROR' }),
    coded('ECONNRESET'),
    coded('SlowDown'),
    new Error('x', { cause: coded('ETIMEDOUT') }),
    new AggregateError([coded('ECONNREFUSED')]),
    new Error('Connection terminated unexpectedly'),
    Object.assign(new Error('x'), { name: 'S3ResponseError', status: 503 }),
    Object.assign(new Error('x'), { name: 'KafkaJSConnectionError' }),
  ];
  const lasting = [
    coded('22P02', { severity: 'ERROR' }),
    coded('NoSuchKey'),
    Object.assign(new Error('x'), { name: 'S3ResponseError', status: 404 }),
    new SyntaxError('x'),
    new TypeError('x'),
    'thrown',
  ];
  for (const error of transient) t.true(isTransient(error), String(error));
  for (const error of lasting) t.false(isTransient(error), String(error));
});
