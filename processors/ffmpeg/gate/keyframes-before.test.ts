import { filmOf } from '@transcodeflow/shared/contracts/media.ts';
import test from 'ava';
import { inspect } from '../../tasks/inspect/inspect.ts';
import { picture, tone, x264 } from '../testing/sources.ts';
import { openTaskBench } from '../testing/task-bench.ts';
import { keyframesBefore } from './keyframes-before.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

/** Twelve seconds of pictures and sound with a keyframe every two seconds. */
async function found(name: string, instants_s: number[], trim?: { start_s: number; end_s: number }) {
  const clip = [...picture('64x36', ':rate=25:duration=12'), ...tone(12), ...x264, '-g', '50'];
  const path = await bench.make(name, ...clip);
  const attempt = await bench.attempt();
  const { media } = await inspect(
    { kind: 'inspect', source: await bench.upload(path), filename: name },
    attempt,
  );
  const source = { path, media: filmOf(media), trim };
  return keyframesBefore(bench.tools, source, instants_s, attempt.signal);
}

for (const name of ['clip.mp4', 'clip.mkv'])
  test.serial(`the nearest keyframes before some instants, and near the end, in ${name}`, async (t) => {
    // Matroska keeps milliseconds.
    const rounded = (await found(name, [0.5, 3.9, 4.1, 11.9])).map((at_s) => at_s?.toFixed(1));
    t.deepEqual(rounded, ['0.0', '2.0', '4.0', '10.0']);
  });

test.serial('a keyframe at the very instant', async (t) => {
  t.deepEqual(await found('exact.mp4', [4]), [4]);
});

test.serial('of a part, by its own clock; what lies before it is none', async (t) => {
  t.deepEqual(await found('part.mp4', [0.5, 3.9], { start_s: 3, end_s: 10 }), [undefined, 3]);
});
