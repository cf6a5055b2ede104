import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { openDeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import test, { type ExecutionContext } from 'ava';

const cli = fileURLToPath(new URL('./dead-letters.ts', import.meta.url));
const TOPIC = 'transcodeflow.jobs';

/** A running consumer, and the command against its database. */
async function open(t: ExecutionContext, consumer = 'consumer') {
  const url = await testDatabase(t);
  const bus = createInProcessBus();
  const state = { broken: true, handled: [] as string[] };
  const deadLetters = await openDeadLetters({ url, bus, log: silentLogger });
  await bus.subscribe({
    group: consumer,
    topics: [TOPIC],
    handler: deadLetters.guard(consumer, async ({ value }) => {
      if (state.broken) throw new Error('a bug\u001b[2J');
      state.handled.push(String(value));
    }),
  });
  let closing: Promise<void> | undefined;
  const stop = () => (closing ??= bus.close().then(() => deadLetters.close()));
  t.teardown(stop);
  await bus.publish(
    ['one', 'two'].map((text) => ({
      topic: TOPIC,
      key: 'job-a',
      headers: { ce_type: 'JobRequested' },
      value: Buffer.from(text),
    })),
  );
  const run = (...args: string[]) => runCli(args, { DATABASE_URL: url });
  return { state, stop, run };
}

const runCli = (args: string[], env: NodeJS.ProcessEnv) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [cli, ...args], { env: { ...process.env, ...env } }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });

test('lists and shows what is parked, as a table and as JSON, without control characters', async (t) => {
  const { run } = await open(t);
  const { out } = await run('list');
  t.regex(out, /│ 1 +│ consumer │ job-a │ JobRequested │ .* │ 3 +│ Error: a bug/);
  t.regex(out, /│ 2 .* waits behind an earlier one/);
  t.regex(out, /2 parked/);
  t.false(out.includes('\u001b'));
  const listed = JSON.parse((await run('list', '--job', 'job-a', '--json')).out);
  t.like(listed[0], { id: '1', consumer: 'consumer', job_id: 'job-a', attempts: 3, topic: TOPIC });
  t.deepEqual(JSON.parse((await run('list', '--job', 'job-b', '--json')).out), []);
  t.regex((await run('show', '1')).out, /ce_type: JobRequested\nvalue\n {2}one\nstack\n {2}Error: a bug/);
  t.like(JSON.parse((await run('show', '1', '--json')).out), { id: '1', value: 'one' });
});

test('retry waits for the running consumer and says what came of it', async (t) => {
  const { run, state } = await open(t);
  const failed = await run('retry', '1');
  t.is(failed.code, 1);
  t.regex(failed.out, /0 handled, 2 still parked, 0 not taken up yet\n {2}1: Error: a bug/);
  state.broken = false;
  t.like(await run('retry', '--all', '--json'), { code: 0 });
  t.deepEqual(state.handled, ['one', 'two']);
  t.regex((await run('list')).out, /Nothing is parked/);
});

test('a retry that nobody takes up is said, and stays asked for', async (t) => {
  const { run, stop } = await open(t);
  await stop();
  const { code, out } = await run('retry', '--job', 'job-a', '--wait', '0');
  t.is(code, 1);
  t.regex(out, /0 handled, 0 still parked, 2 not taken up yet\n.*is it running\?/);
  t.true(JSON.parse((await run('list', '--json')).out)[0].retry_requested_at !== null);
});

test('drop asks for --yes, and for --force where a read model would have a gap', async (t) => {
  const { run } = await open(t, 'projections.jobs');
  t.regex((await run('drop', '1')).err, /--yes/);
  const refused = await run('drop', '1', '--yes');
  t.is(refused.code, 1);
  t.regex(refused.err, /gap.*rebuild/s);
  t.is(
    (await run('drop', '1', '--yes', '--force')).out,
    'Dropped 1. 1 more of its job are parked: retry them.\n',
  );
  t.regex((await run('show', '1')).err, /No message 1 is parked/);
});

test('mistakes are answered in plain words', async (t) => {
  const { run } = await open(t);
  for (const [args, answer] of [
    [['retry'], /Name one of/],
    [['retry', '1', '--all'], /Name one of/],
    [['retry', '--job', 'job-b'], /Nothing of job job-b is parked/],
    [['retry', '--all', '--wait', 'x'], /x is no number of seconds/],
    [['show', 'x'], /x is no message's number/],
  ] as const) {
    const { code, err } = await run(...args);
    t.is(code, 1);
    t.regex(err, answer);
    t.false(/\n {4}at /.test(err), 'no stack');
  }
  const empty = await testDatabase(t);
  t.regex((await runCli(['list'], { DATABASE_URL: empty })).err, /no dead letters yet/);
  const nowhere = { DATABASE_URL: '', DATA_DIR: '/nonexistent' };
  t.regex((await runCli(['list'], nowhere)).err, /DATABASE_URL is not set, and no embedded system runs/);
});
