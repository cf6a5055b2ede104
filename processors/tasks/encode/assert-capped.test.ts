import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { encodeSpec } from '../../ffmpeg/testing/encode-spec.ts';
import { installFakeFfmpeg } from '../../ffmpeg/testing/install-fake-ffmpeg.ts';
import { picture, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import type { HardwareMode } from '../../hardware/hardware-report.ts';
import { TaskError } from '../../task-error.ts';
import { inspect } from '../inspect/inspect.ts';
import { assertCapped, overCap } from './assert-capped.ts';
import { encode } from './encode.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const CAP = 1_000_000;
const rung = { name: '180p', width: 320, height: 180, crf: 23, preset: 'veryfast', max_bitrate: CAP };
const BURST = "noise=alls=100:allf=t:enable='gte(t,4)'";
const NOISE = 'noise=alls=100:allf=t';

/** What a software encoder makes, and whether it passes. */
async function judged(filter: string, seconds: number, codec: string, ...options: string[]) {
  const attempt = await bench.attempt();
  const path = join(attempt.workFolder, '180p.mp4');
  await bench.make(
    path,
    ...[...picture('320x180', `:rate=25:duration=${seconds}`), '-vf', filter, '-c:v', codec],
    ...['-pix_fmt', 'yuv420p', ...options],
  );
  return assertCapped([{ ...rung, codec: 'h264' }], attempt);
}

const capped = ['-maxrate', String(CAP), '-bufsize', String(2 * CAP)];
const encoders: Record<string, string[]> = {
  libx264: ['-preset', 'veryfast', '-crf', '18', ...capped],
  libx265: ['-preset', 'ultrafast', '-crf', '18', ...capped, '-x265-params', 'log-level=error'],
};
for (const [codec, options] of Object.entries(encoders)) {
  test.serial(`${codec} with a cap passes: noise, noise after a calm picture, a short file`, async (t) => {
    await t.notThrowsAsync(judged(NOISE, 8, codec, ...options));
    await t.notThrowsAsync(judged(BURST, 8, codec, ...options));
    await t.notThrowsAsync(judged(NOISE, 1, codec, ...options));
  });
}

test.serial('without a cap, noise does not pass', async (t) => {
  const error = await t.throwsAsync(judged(NOISE, 8, 'libx264', '-preset', 'veryfast', '-crf', '23'), {
    instanceOf: TaskError,
  });
  t.is(error?.info.code, 'rate_exceeded');
  t.regex(error?.info.detail ?? '', /^180p: over its cap of 1000 kbit\/s at \d s, up to \d+ kbit\/s$/);
});

test('a full buffer at once, and another one at the join of two chunks, is no excess; twice the cap for long is', (t) => {
  t.is(overCap([0, 3 * CAP, CAP, CAP], CAP), undefined);
  t.is(overCap([3 * CAP, 2 * CAP, CAP, CAP], CAP), undefined);
  t.is(overCap(Array(600).fill(1.2 * CAP), CAP), undefined);
  t.is(overCap(Array(8).fill(2 * CAP), CAP), 4);
  const late: (number | undefined)[] = [];
  late[10] = 5 * CAP;
  t.is(overCap(late, CAP), 10);
  t.is(overCap([], CAP), undefined);
});

test.serial('keyframes of a still picture pass, however little its source took', async (t) => {
  const attempt = await bench.attempt();
  const path = join(attempt.workFolder, '180p.mp4');
  const still = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=320x180:rate=25:duration=10,trim=end_frame=1,loop=249:1',
  ];
  await bench.make(path, ...still, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-g', '50', '-crf', '18');
  await t.notThrowsAsync(assertCapped([{ ...rung, codec: 'h264', max_bitrate: 1_000 }], attempt));
});

/** The real ffmpeg, deaf to caps. */
const UNCAPPED = `#!/bin/sh
for each do
  shift
  if [ "$skip" ]; then skip=; continue; fi
  case "$each" in -maxrate:*|-bufsize:*) skip=1 ;; *) set -- "$@" "$each" ;; esac
done
exec "${bench.tools.ffmpeg}" "$@"
`;

async function onUncappedDevice(mode: HardwareMode) {
  const attempt = await bench.attempt();
  const ffmpeg = join(attempt.workFolder, 'uncapped');
  await writeFile(ffmpeg, UNCAPPED, { mode: 0o755 });
  const fake = await installFakeFfmpeg(join(bench.folder, attempt.prefix), bench.tools, 'cuda', [
    { do: 'encode-negatives', ffmpeg },
  ]);
  const usable = [{ kind: 'cuda' as const, decode: true, encode: true }];
  attempt.tools = { ...fake.tools, hardware: { mode, usable, rejected: [] } };
  return attempt;
}

test.serial('what a device encoded above its cap is encoded by the CPU; required fails', async (t) => {
  const noise = [...picture('320x180', ':rate=25:duration=6'), '-vf', NOISE, ...x264];
  const source = await bench.upload(await bench.make('noise.mp4', ...noise));
  const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
  const renditions = [{ ...rung, codec: 'h264' as const }];
  const spec = encodeSpec(source, media, { renditions });
  const auto = await onUncappedDevice('auto');
  t.is((await encode(spec, auto)).hardware, 'cpu');
  t.like(auto.degradations, [{ to: 'cpu' }]);
  t.regex(auto.degradations[0]?.reason ?? '', /^180p: over its cap of 1000 kbit\/s/);
  const required = await onUncappedDevice('required');
  const error = await t.throwsAsync(encode(spec, required), { instanceOf: TaskError });
  t.is(error?.info.code, 'rate_exceeded');
});
