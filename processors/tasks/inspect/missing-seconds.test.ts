import { readFile, truncate } from 'node:fs/promises';
import test from 'ava';
import { picture, tone, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { inspect } from './inspect.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

async function media(path: string) {
  const source = await bench.upload(path);
  return (await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt())).media;
}

for (const [name, ...args] of [['index-first.mp4', '-movflags', '+faststart'], ['film.mkv']] as const)
  test.serial(`half of ${name}: what is there and what is missing are the whole`, async (t) => {
    const path = await bench.make(name, ...picture('640x360', ':rate=25:duration=10'), ...x264, ...args);
    t.is((await media(path)).missing_s, undefined);
    await truncate(path, Math.floor((await readFile(path)).length / 2));
    const { duration_s, missing_s = 0 } = await media(path);
    t.true(missing_s > 3);
    t.true(Math.abs(duration_s + missing_s - 10) < 0.05, String(missing_s));
  });

const copiedTags = ['-metadata:s', 'DURATION-eng=00:01:00.000', '-live', '1'];

for (const [what, name, ...args] of [
  ['an AVI written to a pipe', 'piped.avi', ...x264, '-c:a', 'mp3', '-f', 'avi', '-seekable', '0'],
  ['a WMV that starts late', 'late.wmv', '-output_ts_offset', '5'],
  ['a Matroska with tags of an earlier file', 'tags.mkv', ...x264, ...copiedTags],
] as const)
  test.serial(`nothing is missing of ${what}`, async (t) => {
    const path = await bench.make(name, ...picture('320x180', ':rate=25:duration=1'), ...tone(1), ...args);
    const found = await media(path);
    t.true(found.duration_s < 2);
    t.is(found.missing_s, undefined);
  });
