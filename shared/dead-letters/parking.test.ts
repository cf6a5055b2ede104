import test, { type ExecutionContext } from 'ava';
import type { IncomingMessage } from '../bus/bus.ts';
import { createInProcessBus } from '../bus/in-process-bus.ts';
import { migrate } from '../database/migrate.ts';
import { openPool } from '../database/pool.ts';
import { transaction } from '../database/transaction.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { testDatabase } from '../testing/postgres.ts';
import { until } from '../testing/until.ts';
import { handBack, requested } from './hand-back.ts';
import { createOperator } from './operator.ts';
import { park, parkBehind } from './parking.ts';

const message = (text: string): IncomingMessage => ({
  topic: 't',
  partition: 0,
  offset: 1n,
  key: 'job',
  headers: {},
  value: Buffer.from(text),
  timestamp: 0,
});

/** One message of a job is parked and asked for; consumer and operator meet as the test says. */
async function open(t: ExecutionContext) {
  const url = await testDatabase(t);
  await migrate(url, 'dead_letter', new URL('./migrations/', import.meta.url), silentLogger);
  const pool = openPool({ url, name: 'test', log: silentLogger });
  t.teardown(() => pool.end());
  const operator = createOperator(pool);
  await park(pool, message('1'), { consumer: 'c', attempts: 3, error: 'e', stack: '' }, { blocks: true });
  await operator.requestRetry('all');
  const [request] = await requested(pool, ['c']);
  const handled: string[] = [];
  const parts = { pool, bus: createInProcessBus(), log: silentLogger, signal: new AbortController().signal };
  return {
    pool,
    operator,
    handled,
    handBack: (before: () => Promise<void> = async () => {}) =>
      handBack(
        request!,
        async ({ value }) => {
          await before();
          handled.push(String(value));
        },
        parts,
      ),
    waiting: () =>
      until('one waits for the other', async () => {
        const { rows } = await pool.query(
          `select 1 from pg_locks where locktype = 'advisory' and not granted
             and database = (select oid from pg_database where datname = current_database())`,
        );
        return rows.length > 0;
      }),
  };
}

test('I9, I3: what parks while the last message of its job is being removed is handed back too', async (t) => {
  const { pool, operator, handled, handBack, waiting } = await open(t);
  let handing: Promise<void> | undefined;
  const parked = await transaction(pool, async (client) => {
    const result = await parkBehind(client, 'c', message('2'));
    handing = handBack();
    await waiting();
    return result;
  });
  t.true(parked);
  await handing;
  t.deepEqual(handled, ['1', '2']);
  t.deepEqual(await operator.list(), []);
});

test('I9, I3: what comes after the last message of its job was removed is handled, not parked', async (t) => {
  const { pool, handled, handBack } = await open(t);
  await handBack();
  t.deepEqual(handled, ['1']);
  t.false(await transaction(pool, (client) => parkBehind(client, 'c', message('2'))));
});

test('I9: two that hand the same job back handle each message once, in order', async (t) => {
  const { pool, handled, handBack } = await open(t);
  for (const text of ['2', '3']) await transaction(pool, (client) => parkBehind(client, 'c', message(text)));
  const entered = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const first = handBack(async () => {
    entered.resolve();
    await goOn.promise;
  });
  await entered.promise;
  await handBack();
  t.deepEqual(handled, [], 'the second one leaves it to the first');
  goOn.resolve();
  await first;
  t.deepEqual(handled, ['1', '2', '3']);
});
