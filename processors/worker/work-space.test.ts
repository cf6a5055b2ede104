import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TaskError } from '../task-error.ts';
import { openWorkSpace } from './work-space.ts';

const MiB = 1_024 ** 2;
const folder = await mkdtemp(join(tmpdir(), 'work-space-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const detailOf = (error: TaskError | undefined) => error?.info.detail ?? '';

test('of two that come at once, only one is given the same room; the other, when that is given back', async (t) => {
  const space = openWorkSpace(folder, { freeBytes: async () => 100 * MiB });
  const [first, second] = await Promise.allSettled([
    space.reserve(join(folder, 'a1'), 60 * MiB),
    space.reserve(join(folder, 'a2'), 60 * MiB),
  ]);
  t.is(second.status, 'rejected');
  if (second.status === 'rejected')
    t.is(
      detailOf(second.reason),
      '60 MiB may be needed, 100 MiB are free, of which 60 MiB are set aside for other tasks (WORK_DIR)',
    );
  if (first.status === 'fulfilled') first.value();
  await t.notThrowsAsync(space.reserve(join(folder, 'a2'), 60 * MiB));
});

test('what a task has written already is not set aside twice', async (t) => {
  const free = { bytes: 100 * MiB };
  const space = openWorkSpace(folder, { freeBytes: async () => free.bytes });
  const writer = join(folder, 'b1');
  await mkdir(join(writer, 'hls'), { recursive: true });
  await space.reserve(writer, 60 * MiB);
  await writeFile(join(writer, 'hls', 'segment'), Buffer.alloc(50 * MiB));
  free.bytes -= 50 * MiB;
  await t.throwsAsync(space.reserve(join(folder, 'b2'), 41 * MiB), { instanceOf: TaskError });
  await t.notThrowsAsync(space.reserve(join(folder, 'b2'), 40 * MiB));
});

test('room that is only kept for later is given up before a task is refused, and not sooner', async (t) => {
  const disk = { free: 50 * MiB, cleared: 0 };
  const makeRoom = async () => {
    disk.cleared += 1;
    disk.free = 100 * MiB;
  };
  const space = openWorkSpace(folder, { freeBytes: async () => disk.free, makeRoom });
  (await space.reserve(join(folder, 'e1'), 50 * MiB))();
  t.is(disk.cleared, 0);
  await space.reserve(join(folder, 'e1'), 100 * MiB);
  t.is(disk.cleared, 1);
  await t.throwsAsync(space.reserve(join(folder, 'e2'), MiB), { instanceOf: TaskError });
});

test('what needs nothing is never refused, and a real disk tells what it has', async (t) => {
  await t.notThrowsAsync(openWorkSpace(folder, { freeBytes: async () => 0 }).reserve(folder, 0));
  const real = openWorkSpace(folder);
  await t.notThrowsAsync(real.reserve(join(folder, 'c'), 1));
  await t.throwsAsync(real.reserve(join(folder, 'd'), 2 ** 62), { instanceOf: TaskError });
});
