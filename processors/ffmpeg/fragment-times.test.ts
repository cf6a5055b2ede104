import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readClock, readShown } from './fragment-times.ts';
import { packageHls } from './plan/package-plan.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import { picture, tone, x264 } from './testing/sources.ts';
import { openTaskBench } from './testing/task-bench.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

/** Seconds that the segments of a variant are shown, beginnings and ends. */
async function shownBy(folder: string, name: string, segments: number): Promise<number[][]> {
  const clock = readClock(await readFile(join(folder, name, 'init.mp4')));
  const times: number[][] = [];
  for (let index = 1; index <= segments; index += 1) {
    const { start, end } = await readShown(join(folder, name, `segment-0000${index}.m4s`), clock);
    times.push([start, end].map((ticks) => Math.round((ticks / clock.timescale) * 1000) / 1000));
  }
  return times;
}

async function packaged(file: string): Promise<string> {
  const { workFolder, signal } = await bench.attempt();
  const videos = [{ name: 'v', path: file }];
  const args = packageHls({ videos, sounds: [{ name: 'a', path: file }], segment_s: 2 });
  await runFfmpeg(bench.tools, args, { signal, cwd: workFolder });
  return workFolder;
}

const bframes = [
  ...x264,
  '-preset',
  'fast',
  '-bf',
  '3',
  '-g',
  '25',
  '-keyint_min',
  '25',
  '-sc_threshold',
  '0',
];

test.serial('the package begins at 0, in spite of B frames and of priming', async (t) => {
  const file = await bench.make(
    'b.mp4',
    ...picture('320x180', ':rate=25:duration=5'),
    ...tone(5),
    ...bframes,
  );
  const folder = await packaged(file);
  t.deepEqual(await shownBy(folder, 'v', 3), [
    [0, 2],
    [2, 4],
    [4, 5],
  ]);
  const sound = await shownBy(folder, 'a', 3);
  t.is(sound[0]?.[0], 0);
  t.true(Math.abs((sound[2]?.[1] ?? 0) - 5) < 0.025, `${sound}`);
});

test.serial('a late first picture stays late', async (t) => {
  const early = await bench.make(
    'e.mp4',
    ...picture('320x180', ':rate=25:duration=4'),
    ...tone(4),
    ...bframes,
  );
  const late = ['-itsoffset', '0.48', '-i', early, '-i', early, '-map', '0:v', '-map', '1:a', '-c', 'copy'];
  const folder = await packaged(await bench.make('late.mp4', ...late));
  t.deepEqual(await shownBy(folder, 'v', 2), [
    [0.48, 2.48],
    [2.48, 4.48],
  ]);
  t.is((await shownBy(folder, 'a', 1))[0]?.[0], 0);
});
