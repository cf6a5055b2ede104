import test from 'ava';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { encodeSpec } from '../testing/encode-spec.ts';
import { all, codecs, machines, media, plan, rotated, source, tenBit } from '../testing/golden-plans.ts';
import { planEncode } from './encode-plan.ts';

test('hardware encoders get no threads of the budget', (t) => {
  const usable: Acceleration[] = [{ kind: 'cuda', decode: true, encode: true }];
  const { args } = planEncode(encodeSpec(source, media()), '/data/source', {
    usable,
    toneMap: true,
    threads: 3,
  });
  t.false(args.includes('-threads:v:0'));
});

const vaapi: Acceleration = {
  kind: 'vaapi',
  device: '/dev/dri/renderD128',
  decode: true,
  encode: true,
  codecs: all,
};

test('a codec that no device encodes is encoded by the CPU, from frames that the device decoded', (t) => {
  const spec = encodeSpec(source, media(), { renditions: codecs.filter(({ codec }) => codec === 'av1') });
  const old: Acceleration = {
    kind: 'cuda',
    decode: true,
    encode: true,
    codecs: ['h264', 'hevc'],
  };
  const { args, hardware, encoder } = planEncode(spec, '/data/source', { usable: [old], toneMap: true });
  t.is(hardware, 'cuda (decode, scale) + cpu (encode)');
  t.is(encoder, undefined);
  t.true(args.includes('libsvtav1'));
});

test('of several devices, the first that encodes all codecs of a job takes it', (t) => {
  const spec = encodeSpec(source, media(), { renditions: codecs });
  const h264: Acceleration = { kind: 'cuda', decode: true, encode: true, codecs: ['h264'] };
  const usable = [h264, vaapi];
  const { hardware } = planEncode(spec, '/data/source', { usable, toneMap: true });
  t.is(hardware, 'vaapi (decode, scale, encode)');
  const alone = planEncode(spec, '/data/source', { usable: [h264], toneMap: true });
  t.is(alone.hardware, 'cuda (decode, scale) + cpu (encode)');
});

test('the device that encodes decodes too, whatever decodes better', (t) => {
  const nvdec: Acceleration = { kind: 'cuda', decode: true, encode: false };
  const { hardware } = plan([nvdec, { kind: 'vaapi', decode: true, encode: true }]);
  t.is(hardware, 'vaapi (decode, scale, encode)');
});

const cuda: Acceleration = { kind: 'cuda', decode: true, decode10: true, encode: true };
for (const [what, video] of Object.entries({
  'mirrored and turned': { rotation: 90, mirrored: true as const },
  'interlaced, where the GPU cannot deinterlace': { interlaced: true },
  'woven of fields that nothing flags': { unflagged_fields: 'tff' as const },
  'of a codec GPUs do not know': { codec: 'prores' },
  '10-bit H.264, which GPUs do not know': { pixel_format: 'yuv420p10le' },
  '4:2:2': { codec: 'hevc', pixel_format: 'yuv422p10le' },
})) {
  test(`a source that is ${what} is decoded by the CPU even where the GPU could encode`, (t) => {
    const { args, hardware } = plan([cuda], video);
    t.is(hardware, 'cpu (decode, scale) + cuda (encode)');
    t.false(args.includes('-hwaccel'));
    t.true(args.includes('h264_nvenc'));
    t.notRegex(args.join(' '), /scale_cuda/);
  });
}

test('10 bits are decoded by the CPU where the trial decode of 10 bits failed', (t) => {
  const { hardware } = plan([{ kind: 'cuda', decode: true, decode10: false, encode: true }], tenBit);
  t.is(hardware, 'cpu (decode, scale) + cuda (encode)');
});

for (const [machine, usable] of Object.entries(machines))
  for (const video of [{}, tenBit, rotated])
    test(`${machine}: encoders get 8 bits, and only x264 a crf (${JSON.stringify(video)})`, (t) => {
      const line = plan(usable, video).args.join(' ');
      const onDevice = usable.some(({ encode }) => encode);
      t.is(/-crf/.test(line), !onDevice);
      for (const branch of line.split(';').filter((each) => /\[v\d\]$/.test(each)))
        t.regex(branch, /format=(yuv420p|nv12)/);
      t.notRegex(line, /p010|yuv420p10/);
    });

test('GPU frames meet no CPU filter before they are downloaded, and nvenc gets no crf', (t) => {
  const { args } = plan([cuda]);
  const graph = args[args.indexOf('-filter_complex') + 1] ?? '';
  for (const branch of graph.split(';').slice(1)) {
    const filters = branch.split(/(?<!\\),(?![^']*'[^']*$)/);
    const scales = filters.findIndex((filter) => /(^|\])(scale|transpose)=/.test(filter));
    const download = filters.indexOf('hwdownload');
    t.true(scales === -1 || (download !== -1 && download < scales), branch);
  }
  t.false(args.some((arg) => arg.startsWith('-crf')));
});
