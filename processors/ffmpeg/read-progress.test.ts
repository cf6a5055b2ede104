import { readFile } from 'node:fs/promises';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { runFfmpeg } from './run-ffmpeg.ts';
import { openTaskBench } from './testing/task-bench.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

test('a sound that begins long after the pictures does not keep the progress at nothing', async (t) => {
  const { workFolder: cwd, signal } = await bench.attempt();
  const video = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=20,noise=alls=90:allf=t'];
  const sound = ['-itsoffset', '18', '-f', 'lavfi', '-i', 'sine=duration=2'];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '10', '-c:a', 'aac'];
  const source = await readFile(await bench.make('late.mkv', ...video, ...sound, ...codecs));
  const half = Math.floor(source.length / 2);
  t.true(half > 4_000_000, `${half} bytes`);
  const told: number[] = [];
  const goOn = Promise.withResolvers<void>();
  async function* bytes() {
    yield source.subarray(0, half);
    // No sound has come: ffmpeg itself has nothing to report.
    await goOn.promise;
    yield source.subarray(half);
  }
  const encoding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', 'out.mp4'];
  const run = runFfmpeg(bench.tools, ['-i', 'pipe:0', ...encoding], {
    ...{ signal, cwd, stdin: bytes(), duration_s: 20, frames: 500, source_bytes: source.length },
    onProgress: ({ fraction }) => told.push(fraction),
  });
  try {
    await until('a third is done', async () => (told.at(-1) ?? 0) > 0.3);
  } finally {
    goOn.resolve();
    await run;
  }
  t.true((told[0] ?? 1) <= 0.5, 'no more than was read');
  t.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  );
  t.true((told.at(-1) ?? 0) > 0.95);
});
