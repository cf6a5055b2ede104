import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { scenes } from '../ffmpeg/testing/hardware-scenes.ts';
import { installFakeFfmpeg } from '../ffmpeg/testing/install-fake-ffmpeg.ts';
import type { AttemptDependencies } from './attempt.ts';
import { openAttemptBench } from './testing/attempt-bench.ts';
import { openWorkSpace } from './work-space.ts';

/** Whole attempts at an encode, from task message to reports, on a machine that runs out of something. */

const bench = await openAttemptBench();
test.after.always(() => bench.close());

async function attempt(changes: Partial<AttemptDependencies>) {
  const result = await bench.encode({ changes });
  const [report] = result.reports;
  return { ...result, error: report?.type === 'TaskFailed' ? report.data.error : undefined };
}

/** The real ffmpeg on a disk that is full as soon as its first rendition is written: the device says so itself. */
async function onFullDisk(): Promise<MediaTools> {
  const ffmpeg = join(bench.folder, 'ffmpeg-on-full-disk');
  const script = `#!/bin/sh\ncase "$*" in *180p.mp4*) ln -sf /dev/full 180p.mp4 ;; esac\nexec '${bench.tools.ffmpeg}' "$@"\n`;
  await writeFile(ffmpeg, script, { mode: 0o755 });
  return { ...bench.tools, ffmpeg };
}

test.serial(
  'a disk that fills up in mid-work fails the attempt, leaves nothing, and the next one succeeds',
  async (t) => {
    const { error, objects, left } = await attempt({ tools: await onFullDisk() });
    t.like(error, { code: 'disk_full', retryable: true });
    t.deepEqual([...objects, ...left], []);
    const again = await attempt({});
    t.is(again.reports[0]?.type, 'TaskSucceeded');
    t.deepEqual(again.left, []);
  },
);

test.serial(
  'work that the disk has no room for is not begun: the failure tells what was needed and there',
  async (t) => {
    const free = { bytes: 20 * 1_024 ** 2 };
    const space = openWorkSpace(bench.folder, { freeBytes: async () => free.bytes });
    const { reports, error, left } = await attempt({ space });
    t.like(error, { code: 'disk_full', retryable: true });
    t.regex(error?.detail ?? '', /^6\d MiB may be needed, 20 MiB are free/);
    if (reports[0]?.type === 'TaskFailed') t.deepEqual(reports[0].data.commands, []);
    t.deepEqual(left, []);
    free.bytes = 200 * 1_024 ** 2;
    t.is((await attempt({ space })).reports[0]?.type, 'TaskSucceeded');
    // What that one had set aside is free again.
    t.is((await attempt({ space })).reports[0]?.type, 'TaskSucceeded');
  },
);

test.serial('work that goes on for longer than it may is ended, whatever it does', async (t) => {
  const fake = await installFakeFfmpeg(join(bench.folder, 'fake'), bench.tools, '180p', [
    ...scenes['hangs and refuses TERM'],
  ]);
  const { error, objects, left } = await attempt({ tools: fake.tools, timeFactor: 1 / 120 });
  t.like(error, { code: 'time_limit', retryable: true });
  t.regex(error?.detail ?? '', /^not done after 5\.\d+ s/);
  t.is((await fake.runs()).length, 1);
  t.deepEqual([...objects, ...left], []);
});
