import { join } from 'node:path';
import test from 'ava';
import { encodeSpec } from '../../ffmpeg/testing/encode-spec.ts';
import { installFakeFfmpeg } from '../../ffmpeg/testing/install-fake-ffmpeg.ts';
import { picture, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import type { HardwareMode } from '../../hardware/hardware-report.ts';
import { TaskError } from '../../task-error.ts';
import { inspect } from '../inspect/inspect.ts';
import { encodeChunk } from './chunk.ts';
import { encode } from './encode.ts';

/** Hardware that ends without an error and has made something else: a fake in its place encodes negatives. */

const bench = await openTaskBench();
const source = await bench.upload(
  await bench.make('source.mp4', ...picture('320x180', ':rate=25:duration=2'), ...x264),
);
const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
test.after.always(() => bench.close());

async function onLyingDevice(mode: HardwareMode, device: { decode: boolean; encode: boolean }) {
  const attempt = await bench.attempt();
  const fake = await installFakeFfmpeg(join(bench.folder, attempt.prefix), bench.tools, 'cuda', [
    { do: 'encode-negatives', ffmpeg: bench.tools.ffmpeg },
  ]);
  const usable = [{ kind: 'cuda' as const, codecs: device.encode ? (['h264'] as const) : [], ...device }];
  attempt.tools = { ...fake.tools, hardware: { mode, usable, rejected: [] } };
  return { attempt, fake };
}

const decoder = { decode: true, encode: false };
const { kind: _, audio: __, ...pictures } = encodeSpec(source, media);
const chunk = { ...pictures, kind: 'encode-chunk' as const, chunk: { number: 1, from_s: 0 }, first_s: 0 };

test.serial(
  'I10, auto: a chunk that hardware got wrong is done again by the CPU before it is told',
  async (t) => {
    const { attempt, fake } = await onLyingDevice('auto', decoder);
    const { hardware, renditions } = await encodeChunk(chunk, attempt);
    t.is(hardware, 'cpu');
    t.is((await fake.runs()).length, 1);
    t.is(attempt.degradations.length, 1);
    t.like(attempt.degradations[0], { from: 'cuda (decode, scale) + cpu (encode)', to: 'cpu' });
    t.regex(
      attempt.degradations[0]?.reason ?? '',
      /gate refused what it made\. 180p: same pictures: -?\d+\.\d dB/,
    );
    t.true((renditions[0]?.quality?.ssim ?? 0) > 0.9);
    const told = attempt.updates.map(({ fraction }) => fraction);
    t.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
  },
);

test.serial('required: a chunk is refused where a device could have encoded the whole video', async (t) => {
  const { attempt, fake } = await onLyingDevice('required', { decode: true, encode: true });
  const error = await t.throwsAsync(encodeChunk(chunk, attempt), { instanceOf: TaskError });
  t.like(error?.info, { code: 'hardware_required', retryable: true });
  t.regex(error?.info.detail ?? '', /cuda encodes h264: with CHUNK_SECONDS=0/);
  t.is((await fake.runs()).length, 0);
  const auto = await onLyingDevice('auto', { decode: false, encode: true });
  t.is((await encodeChunk(chunk, auto.attempt)).hardware, 'cpu');
});

test.serial('required: a chunk in a codec that no device here encodes is encoded by the CPU', async (t) => {
  const { attempt } = await onLyingDevice('required', { decode: false, encode: true });
  attempt.tools.hardware = {
    mode: 'required',
    usable: [{ kind: 'cuda', decode: false, encode: false, codecs: ['av1'] }],
    rejected: [],
  };
  t.is((await encodeChunk(chunk, attempt)).hardware, 'cpu');
});

test.serial('required: a chunk that hardware got wrong fails, with the figures', async (t) => {
  const { attempt } = await onLyingDevice('required', decoder);
  const error = await t.throwsAsync(encodeChunk(chunk, attempt), { instanceOf: TaskError });
  t.like(error?.info, { code: 'gate_failed', retryable: false });
  t.regex(error?.info.detail ?? '', /180p: same pictures: -?\d+\.\d dB/);
  t.deepEqual(attempt.degradations, []);
});

test.serial(
  'what the CPU alone is to do leaves usable hardware alone, and is refused where that is required',
  async (t) => {
    const spec = { ...encodeSpec(source, media), acceleration: 'off' as const };
    const auto = await onLyingDevice('auto', { decode: true, encode: true });
    t.is((await encode(spec, auto.attempt)).hardware, 'cpu');
    t.is((await auto.fake.runs()).length, 0);
    t.deepEqual(auto.attempt.degradations, []);
    const required = await onLyingDevice('required', { decode: true, encode: true });
    const error = await t.throwsAsync(encode(spec, required.attempt), { instanceOf: TaskError });
    t.like(error?.info, { code: 'hardware_required', retryable: true });
  },
);
