import type { ExecutionContext } from 'ava';
import { probeLines } from '../run-ffprobe.ts';
import type { TaskBench } from './task-bench.ts';

/** `pts,dts,keyframe` of each packet in the file's order. */
export async function packetsOf({ tools, objects, folder }: TaskBench, key: string, stream: 'v' | 'a') {
  const path = await objects.localFile(key, folder);
  const args = ['-select_streams', stream, '-show_entries', 'packet=pts,dts,flags', '-of', 'csv=p=0'];
  const found: { pts: number; dts: number; keyframe: boolean }[] = [];
  for await (const line of probeLines(tools, [...args, '-i', `file:${path}`], {
    signal: AbortSignal.timeout(100_000),
  })) {
    const [pts, dts, flags = ''] = line.split(',');
    found.push({ pts: Number(pts), dts: Number(dts), keyframe: flags.includes('K') });
  }
  return found;
}

const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

/**
 * That a video in chunks has the frames of the same one in one piece, at the same times, and its keyframes.
 * @param isForced which keyframes must be there, by their ticks, where the encoder has some of its own. Default: all
 */
export async function sameFrames(
  t: ExecutionContext,
  bench: TaskBench,
  whole = '',
  stitched = '',
  isForced = (_pts: number) => true,
): Promise<void> {
  const [one, other] = [await packetsOf(bench, whole, 'v'), await packetsOf(bench, stitched, 'v')];
  t.is(other.length, one.length, 'as many frames');
  const times = (all: typeof one) => all.map(({ pts }) => pts).sort((a, b) => a - b);
  t.deepEqual(times(other), times(one), 'at the same times');
  t.true(
    other.every(({ dts }, index) => index === 0 || dts > (other[index - 1]?.dts ?? 0)),
    'decoding times rise',
  );
  t.true(other.every(({ pts, dts }) => pts >= dts));
  const keyframes = (all: typeof one) => all.filter(({ keyframe }) => keyframe).map(({ pts }) => pts);
  const joined = new Set(keyframes(other));
  t.true(
    keyframes(one).every((pts) => joined.has(pts) || !isForced(pts)),
    `keyframes of the single encode: ${keyframes(one)}, of the chunks: ${[...joined]}`,
  );
  t.is(least(times(other)), least(times(one)));
}
