import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { descendants, partOf, proportionalSetSize } from './process-tree.ts';

test('children of children are found, with what they hold', async (t) => {
  const child = spawn('/bin/sh', ['-c', 'sleep 60 & echo started; wait'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  t.teardown(() => process.kill(-(child.pid ?? 0), 'SIGKILL'));
  await once(child.stdout, 'data');
  const found = await descendants(process.pid);
  const sleeper = found.find(({ parent, command }) => parent === child.pid && command === 'sleep 60');
  t.truthy(sleeper);
  t.true((await proportionalSetSize(sleeper?.pid ?? 0)) > 10_000);
  t.false(found.some(({ pid }) => pid === process.pid));
});

test('command lines are told apart', (t) => {
  t.deepEqual(
    [
      '/opt/ffmpeg -nostdin -i file:a',
      '/usr/bin/node infra/standalone/main.ts',
      '/usr/bin/node query-service/main.ts',
      'postgres: transcodeflow 127.0.0.1(1) idle',
      '/usr/bin/node /app/processors/speech/moonshine-process.ts',
      '/bin/sh -c read -r _; kill end-with-parent 4',
    ].map(partOf),
    ['ffmpeg and ffprobe', 'all services (embedded)', 'query-service', 'postgres', 'speech engine', 'other'],
  );
});
