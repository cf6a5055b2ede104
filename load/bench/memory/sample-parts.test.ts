import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { sampleParts } from './sample-parts.ts';

test('a container counts with all that runs in it, under its own name', async (t) => {
  const child = spawn('/bin/sh', ['-c', 'sleep 60 & echo started; wait'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  t.teardown(() => process.kill(-(child.pid ?? 0), 'SIGKILL'));
  await once(child.stdout, 'data');
  const parts = await sampleParts(new Map([['kafka', child.pid ?? 0]]));
  t.is(parts.get('kafka')?.processes, 2);
  t.true((parts.get('kafka')?.bytes ?? 0) > 20_000);
  t.false((await sampleParts(new Map([['redis', 2 ** 22 + 1]]))).has('redis'));
});
