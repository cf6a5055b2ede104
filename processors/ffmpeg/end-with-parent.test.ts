import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';

const PARENT = `
import { spawn } from 'node:child_process';
import { endWithParent } from ${JSON.stringify(new URL('./end-with-parent.ts', import.meta.url).href)};
const children = [1, 2, 3].map(() => spawn('sleep', ['60'], { stdio: 'ignore', detached: true }));
const ends = children.map(({ pid }) => endWithParent(pid));
ends[1]();
console.log(JSON.stringify(children.map(({ pid }) => pid)));
for (const child of children) child.unref();
if (process.argv[1] === 'stay') setInterval(() => {}, 1 << 30);
`;

/** A parent of three sleeping children, of which the second is watched no longer. */
async function family(stay: boolean): Promise<{ parent: ChildProcess; children: number[] }> {
  const args = ['--input-type=module', '-e', PARENT, ...(stay ? ['stay'] : ['go'])];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(parent.stdout!, 'data');
  return { parent, children: JSON.parse(String(line)) };
}

/** A zombie has ended. */
async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
}

test('all that are watched die with a parent that is killed, and no other', async (t) => {
  const { parent, children } = await family(true);
  const [first = 0, second = 0, third = 0] = children;
  t.teardown(() => process.kill(second, 'SIGKILL'));
  t.deepEqual(await Promise.all(children.map(runs)), [true, true, true]);
  parent.kill('SIGKILL');
  await until('those that are watched have ended', async () => !(await runs(first)) && !(await runs(third)));
  t.true(await runs(second));
});

test('the watch does not keep its parent running', async (t) => {
  const { parent, children } = await family(false);
  t.teardown(() => process.kill(children[1] ?? 0, 'SIGKILL'));
  if (parent.exitCode === null) await once(parent, 'exit');
  t.is(parent.exitCode, 0);
  await until('what was left has ended too', async () => !(await runs(children[0] ?? 0)));
});

test('a watch that was killed is there again for the next child', async (t) => {
  const { endWithParent } = await import('./end-with-parent.ts');
  const keepers = async () => {
    const own = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
    const pids = own.trim().split(' ').filter(Boolean).map(Number);
    const lines = await Promise.all(
      pids.map(async (pid) => ({
        pid,
        line: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      })),
    );
    return lines.filter(({ line }) => line.startsWith('/bin/sh')).map(({ pid }) => pid);
  };
  const ends = [endWithParent(2 ** 22 + 1), endWithParent(2 ** 22 + 2)];
  const [keeper = 0, ...more] = await keepers();
  t.deepEqual(more, []);
  process.kill(keeper, 'SIGKILL');
  await until('it is gone', async () => !(await keepers()).includes(keeper));
  ends.push(endWithParent(2 ** 22 + 3));
  const [next = 0] = await keepers();
  t.true(next > 0 && next !== keeper);
  for (const end of ends) end();
});
