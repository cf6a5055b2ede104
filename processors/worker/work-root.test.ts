import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { createWorkRoot } from './work-root.ts';

/** Above the largest pid that Linux gives out (4194304). */
const NOBODY = 4_194_305;

test('sweeps the folders of processors that are gone, and no others', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'work-root-test-'));
  t.teardown(() => rm(parent, { recursive: true, force: true }));
  const folder = async (name: string) => {
    await mkdir(join(parent, name, 'task-1'), { recursive: true });
    return join(parent, name);
  };
  const dead = await folder(`transcodeflow-${hostname()}-${NOBODY}-abc123`);
  const alive = await folder(`transcodeflow-${hostname()}-${process.ppid}-abc123`);
  const elsewhere = await folder(`transcodeflow-otherhost-${NOBODY}-abc123`);
  const other = await folder('something-else');

  const root = await createWorkRoot(parent);
  t.true(basename(root).startsWith(`transcodeflow-${hostname()}-${process.pid}-`));
  t.false(existsSync(dead));
  t.true([alive, elsewhere, other, root].every(existsSync));
});
