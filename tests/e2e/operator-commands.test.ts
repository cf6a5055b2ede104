import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { startChild } from '../systems/child-service.ts';
import { startEmbedded } from '../systems/embedded.ts';

const commands: [script: string, args: string[], expected: RegExp][] = [
  ['projections/cli.ts', ['verify', 'jobs'], /^jobs: equal \(0 events\)$/m],
  ['infra/standalone/dead-letters.ts', ['list'], /parked/i],
];
const beside = (script: string, args: string[], dataFolder: string) =>
  startChild(script, { DATABASE_URL: '', EVENTSTOREDB_URL: '', DATA_DIR: dataFolder }, args);

test('operators’ commands find the database of the embedded system by its data folder', async (t) => {
  const system = await startEmbedded();
  t.teardown(() => system.close());
  for (const [script, args, expected] of commands) {
    const command = beside(script, args, system.dataFolder);
    t.is(await command.exited, 0, command.output());
    t.regex(command.output(), expected);
  }
});

test('without a running system they say what is missing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-none-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  for (const [script, args] of commands) {
    const command = beside(script, args, folder);
    t.is(await command.exited, 78, command.output());
    t.regex(command.output(), /DATABASE_URL is not set, and no embedded system runs on/);
  }
});
