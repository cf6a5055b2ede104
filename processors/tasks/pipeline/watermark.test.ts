import type { Watermark } from '@transcodeflow/shared/contracts/watermark.ts';
import test from 'ava';
import { execa } from 'execa';
import { processFile } from '../../ffmpeg/testing/pipeline.ts';
import { x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { verify } from '../verify/verify.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const lavfi = (graph: string) => ['-f', 'lavfi', '-i', graph];
let grey: string;
let yellow: string;
test.before(async () => {
  grey = await bench.make('grey.mp4', ...lavfi('color=0x404040:s=1280x720:r=25:d=1'), ...x264);
  yellow = await bench.make('yellow.png', ...lavfi('color=yellow:s=200x100'), '-frames:v', '1');
});
const look = { position: 'bottom-right', width: 0.5, margin: 0.05, opacity: 1 } as const;
const mark = async (changes: Partial<Watermark> = {}): Promise<Watermark> => ({
  ...look,
  image: await bench.upload(yellow),
  ...changes,
});

/** Mean colour of a small square of the last frame, by the share of width and height where its middle is. */
async function colourAt(key: string, x: number, y: number): Promise<number[]> {
  const file = await bench.objects.localFile(key, bench.folder);
  const crop = `crop=8:8:iw*${x}-4:ih*${y}-4,scale=1:1:flags=area,format=rgb24`;
  const raw = ['-vf', crop, '-frames:v', '1', '-f', 'rawvideo', '-'];
  const { stdout } = await execa(bench.tools.ffmpeg, ['-v', 'error', '-ss', '0.8', '-i', file, ...raw], {
    encoding: 'buffer',
  });
  return [...stdout.subarray(0, 3)];
}
const near = (found: readonly number[], wanted: readonly number[]) =>
  found.every((value, index) => Math.abs(value - (wanted[index] ?? 0)) < 12);

test.serial(
  'it lies where it should on every rendition, to the last frame, and the gate compares with it',
  async (t) => {
    const { encoded, encodeAttempt, verifySpec } = await processFile(bench, grey, {
      watermark: await mark(),
    });
    t.deepEqual(
      encoded.renditions.map(({ name }) => name),
      ['360p', '720p'],
    );
    for (const { name, object } of encoded.renditions) {
      // 320x160 of 640x360, 18 from the edges: from 0.47 to 0.97, and from 0.51 to 0.95.
      for (const [x, y] of [
        [0.5, 0.54],
        [0.95, 0.92],
      ] as const)
        t.true(near(await colourAt(object.key, x, y), [255, 255, 0]), `${name} at ${x}, ${y}`);
      for (const [x, y] of [
        [0.44, 0.7],
        [0.7, 0.4],
        [0.985, 0.7],
      ] as const)
        t.true(near(await colourAt(object.key, x, y), [64, 64, 64]), `${name} at ${x}, ${y}`);
    }
    t.is(encodeAttempt.commands.filter((command) => command.includes('tee')).length, 1);
    const { quality } = await verify(verifySpec, await bench.attempt());
    t.true(
      (quality['720p']?.ssim ?? 0) > 0.99,
      'the figures are those of the picture under the same watermark',
    );

    const elsewhere = { ...verifySpec, watermark: await mark({ position: 'top-left' }) };
    await t.throwsAsync(verify(elsewhere, await bench.attempt()), { message: /same pictures/ });
    const { watermark: _, ...without } = verifySpec;
    await t.throwsAsync(verify(without, await bench.attempt()), { message: /same pictures/ });
  },
);

test.serial('opacity, and a picture that is itself transparent', async (t) => {
  const faint = await mark({ position: 'center', opacity: 0.5 });
  const { encoded } = await processFile(bench, grey, { watermark: faint });
  const key = encoded.renditions[0]?.object.key ?? '';
  t.true(near(await colourAt(key, 0.5, 0.5), [160, 160, 32]), String(await colourAt(key, 0.5, 0.5)));
  const glass = await bench.make(
    'glass.png',
    ...lavfi('color=yellow@0.0:s=200x100,format=rgba'),
    ...['-frames:v', '1', '-pix_fmt', 'rgba'],
  );
  const clear = await mark({ position: 'center', image: await bench.upload(glass) });
  const { encoded: seenThrough } = await processFile(bench, grey, { watermark: clear });
  const through = await colourAt(seenThrough.renditions[0]?.object.key ?? '', 0.5, 0.5);
  t.true(near(through, [64, 64, 64]), String(through));
});

test.serial('a tall picture stays within the video', async (t) => {
  const tall = await bench.make('tall.png', ...lavfi('color=yellow:s=20x400'), '-frames:v', '1');
  const watermark = await mark({ image: await bench.upload(tall), width: 1 });
  const { encoded } = await processFile(bench, grey, { watermark });
  const key = encoded.renditions[0]?.object.key ?? '';
  t.true(near(await colourAt(key, 0.96, 0.5), [255, 255, 0]));
  t.true(near(await colourAt(key, 0.96, 0.02), [64, 64, 64]), 'the margin above it');
});

test.serial('what is no picture fails at once and for good', async (t) => {
  const watermark = await mark({ image: await bench.upload(grey) });
  const error = await t.throwsAsync(processFile(bench, grey, { watermark }));
  t.like(error, { info: { code: 'invalid_watermark', retryable: false } });
});
