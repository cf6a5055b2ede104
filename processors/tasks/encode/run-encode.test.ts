import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { encodeSpec } from '../../ffmpeg/testing/encode-spec.ts';
import { picture, tone, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { inspect } from '../inspect/inspect.ts';
import { encode } from './encode.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

test.serial(
  'progress arrives from the first half on, with speed and time left, and never goes back',
  async (t) => {
    const path = await bench.make(
      'twenty-seconds.mp4',
      ...picture('640x360', ':rate=25:duration=30'),
      ...tone(30),
      ...x264,
    );
    const source = await bench.upload(path);
    const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
    const attempt = await bench.attempt();
    const spec = encodeSpec(source, media);
    // Slow enough for reports, which come twice a second.
    await encode(
      { ...spec, renditions: spec.renditions.map((rung) => ({ ...rung, preset: 'medium' })) },
      attempt,
    );
    const { updates } = attempt;
    const told = updates.map(({ fraction }) => fraction);
    const early = updates.filter(({ fraction }) => fraction > 0 && fraction < 0.5);
    t.true(early.length > 0, `fractions ${told}`);
    t.true(early.every(({ speed = 0, eta_s = 0 }) => speed > 0 && eta_s > 0));
    t.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
    t.is(told.at(-1), 1);
  },
);

test.serial('hardware that fails is given up for this task, which says so', async (t) => {
  const source = await bench.upload(
    await bench.make('hw.mp4', ...picture('320x180', ':rate=25:duration=1'), ...x264),
  );
  const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
  const broken = { kind: 'vaapi' as const, device: '/dev/dri/none', decode: true, encode: true };
  const auto = await bench.attempt();
  auto.tools = { ...bench.tools, hardware: { mode: 'auto', usable: [broken], rejected: [] } };
  const result = await encode(encodeSpec(source, media), auto);
  t.is(result.hardware, 'cpu');
  t.is(auto.commands.filter((command) => command.some((arg) => arg.includes('upload'))).length, 2);
  t.like(auto.degradations, [{ from: 'vaapi (decode, scale, encode)', to: 'cpu' }]);
  t.truthy(auto.degradations[0]?.reason);

  const required = await bench.attempt();
  required.tools = { ...bench.tools, hardware: { mode: 'required', usable: [broken], rejected: [] } };
  await t.throwsAsync(encode(encodeSpec(source, media), required), { message: /ffmpeg failed/ });
});

test.serial(
  'a codec that this ffmpeg cannot encode is refused before anything runs, and for good',
  async (t) => {
    const source = await bench.upload(
      await bench.make('codec.mp4', ...picture('320x180', ':rate=25:duration=1'), ...x264),
    );
    const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
    const attempt = await bench.attempt();
    attempt.tools = { ...bench.tools, encoders: new Set(['libx264', 'aac', 'mjpeg']) };
    const { renditions, ...spec } = encodeSpec(source, media);
    const av1 = renditions.map((rung) => ({ ...rung, codec: 'av1' as const }));
    const error = await t.throwsAsync(async () => encode({ ...spec, renditions: av1 }, attempt));
    t.like(error, { info: { code: 'encoder_missing', retryable: false } });
    t.deepEqual(attempt.commands, []);

    // With a device that claims to do it, that is tried, and what it says is the failure: there is no CPU to go on with.
    const device = {
      kind: 'vaapi',
      device: '/dev/nothing',
      encode: false,
      decode: false,
      codecs: ['av1'],
    } as const;
    attempt.tools = { ...attempt.tools, hardware: { mode: 'auto', usable: [device], rejected: [] } };
    const failed = await t.throwsAsync(async () => encode({ ...spec, renditions: av1 }, attempt));
    t.like(failed, { info: { code: 'ffmpeg_failed' } });
    t.true(attempt.commands[0]?.includes('av1_vaapi'));
    t.deepEqual(attempt.degradations, []);
  },
);

test.serial('I7: a cancelled encode rejects and stores nothing', async (t) => {
  const source = await bench.upload(
    await bench.make('long.mp4', ...picture('1280x720', ':rate=25:duration=6'), ...x264),
  );
  const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
  const controller = new AbortController();
  const attempt = await bench.attempt(controller.signal);
  const spec = encodeSpec(source, media);
  const slow = {
    ...spec,
    renditions: spec.renditions.map((rendition) => ({ ...rendition, preset: 'veryslow' })),
  };
  const run = encode(slow, attempt);
  const settled = t.throwsAsync(run, { message: 'cancelled' });
  await until('it encodes', () => attempt.updates.some(({ fraction }) => fraction > 0));
  controller.abort(new Error('cancelled'));
  await settled;
  for await (const { key } of bench.objects.list(attempt.prefix)) t.fail(key);
});
