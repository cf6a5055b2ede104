import test from 'ava';
import { type Processed, processFile } from '../../ffmpeg/testing/pipeline.ts';
import { picture, x264 } from '../../ffmpeg/testing/sources.ts';
import { openGateBench } from './testing/gate-bench.ts';
import { verify } from './verify.ts';

const bench = await openGateBench();
test.after.always(() => bench.close());

/** Twelve seconds: what happens at 8 s is in no window. */
async function longer(): Promise<Processed> {
  const source = await bench.make('longer.mp4', ...picture('320x180', ':rate=25:duration=12'), ...x264);
  return processFile(bench, source);
}

test.serial('I10: green frames in the middle are refused, also outside of the sampled windows', async (t) => {
  const processed = await longer();
  const green = "drawbox=t=fill:c=0x008000:enable='between(t,8,8.4)'";
  t.regex(
    await bench.replaced(processed, green),
    /^gate_failed\n180p: same pictures: 1?\d\.\d dB alike at 8\.\d+ s, SSIM 0\.9\d+.*$/,
  );
  const black = "drawbox=t=fill:c=black:enable='between(t,8,8.04)'";
  t.regex(await bench.replaced(processed, black), /^gate_failed\n180p: same pictures: /);
});

test.serial('I10: a film that has dark moments itself passes', async (t) => {
  const dark = ['-vf', "drawbox=t=fill:c=black:enable='between(t,8,9)'"];
  const source = await bench.make(
    'dark.mp4',
    ...picture('320x180', ':rate=25:duration=12'),
    ...dark,
    ...x264,
  );
  const { verifySpec } = await processFile(bench, source);
  await t.notThrowsAsync(verify(verifySpec, await bench.attempt()));
});

test.serial(
  'I10: a rendition below the floor is refused with the figures, but where its cap is the reason',
  async (t) => {
    const processed = await longer();
    const floor = { least_ssim: 0.8, max_bitrate: 10_000_000 };
    const blurred = 'gblur=sigma=6';
    t.regex(
      await bench.replaced(processed, blurred, floor),
      /^gate_failed\n180p: quality floor: SSIM 0\.[0-7]\d+, at least 0\.8, \d+ of at most 10000 kbit\/s$/,
    );
    t.regex(await bench.replaced(processed, blurred, { ...floor, max_bitrate: 50_000 }), /^passed/);
    t.regex(await bench.replaced(processed, blurred), /^passed/);
    t.regex(await bench.replaced(processed, 'null', floor), /^passed/);
  },
);
