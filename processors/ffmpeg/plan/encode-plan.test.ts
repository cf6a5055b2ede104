import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import test from 'ava';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { encodeSpec } from '../testing/encode-spec.ts';
import { planEncode } from './encode-plan.ts';

const source = { key: 'uploads/1', size_bytes: 1000, content_type: 'video/mp4' };
const media = (video: Partial<MediaInfo['video']> = {}): MediaInfo => ({
  format: 'mov,mp4,m4a,3gp,3g2,mj2',
  duration_s: 60,
  size_bytes: 1000,
  video: {
    index: 0,
    codec: 'h264',
    pixel_format: 'yuv420p',
    coded_width: 1920,
    coded_height: 1080,
    width: 1920,
    height: 1080,
    rotation: 0,
    frame_rate: 25,
    hdr: false,
    interlaced: false,
    ...video,
  },
  audio: [{ index: 1, codec: 'aac', channels: 2, sample_rate: 44_100, default: true }],
  subtitles: [],
  ignored: [],
});
const plan = (usable: Acceleration[], video: Partial<MediaInfo['video']> = {}, toneMap = true) =>
  planEncode(encodeSpec(source, media(video)), '/data/source', { usable, toneMap });
/** One option or filter a line, to be read and compared. */
const golden = ({ args, hardware }: { args: string[]; hardware: string }) => [
  hardware,
  ...args.join(' ').replaceAll(' -', '\n-').replaceAll(';', ';\n  ').split('\n'),
];

test('CPU', (t) => {
  t.snapshot(golden(plan([])));
});

const codecs = (['h264', 'hevc', 'av1'] as const).map((codec) => ({
  name: codec,
  width: 640,
  height: 360,
  codec,
  crf: 25,
  preset: 'fast',
  max_bitrate: 1_000_000,
}));
for (const [av1, encoders] of Object.entries({
  'SVT-AV1': undefined,
  libaom: new Set(['libx264', 'libx265', 'libaom-av1']),
}))
  test(`CPU: a budget of three threads, as x264, x265 and ${av1} each take it`, (t) => {
    const spec = encodeSpec(source, media(), { renditions: codecs });
    t.snapshot(golden(planEncode(spec, '/data/source', { usable: [], toneMap: true, threads: 3, encoders })));
  });

test('hardware encoders get no threads of the budget', (t) => {
  const usable: Acceleration[] = [{ kind: 'cuda', decode: true, encode: true }];
  const { args } = planEncode(encodeSpec(source, media()), '/data/source', {
    usable,
    toneMap: true,
    threads: 3,
  });
  t.false(args.includes('-threads:v:0'));
});

test('NVENC: decode, scale and encode on the GPU', (t) => {
  t.snapshot(golden(plan([{ kind: 'cuda', decode: true, encode: true }])));
});

test('NVDEC only (a data-centre GPU without an encoder): decode and scale on the GPU, encode on the CPU', (t) => {
  t.snapshot(golden(plan([{ kind: 'cuda', decode: true, encode: false }])));
});

test('VAAPI on its render node', (t) => {
  t.snapshot(golden(plan([{ kind: 'vaapi', device: '/dev/dri/renderD129', decode: true, encode: true }])));
});

test('QSV encodes what the CPU decoded', (t) => {
  t.snapshot(golden(plan([{ kind: 'qsv', decode: false, encode: true }])));
});

const hdr = {
  hdr: true,
  codec: 'hevc',
  color_transfer: 'smpte2084',
  color_primaries: 'bt2020',
  color_space: 'bt2020nc',
  pixel_format: 'yuv420p10le',
};

test('HDR is tone-mapped by the CPU and tagged bt709', (t) => {
  t.snapshot(golden(plan([{ kind: 'cuda', decode: true, encode: true }], hdr)));
});

const machines: Record<string, Acceleration[]> = {
  CPU: [],
  NVENC: [{ kind: 'cuda', decode: true, decode10: true, deinterlace: true, encode: true }],
  'NVDEC only': [{ kind: 'cuda', decode: true, decode10: true, deinterlace: true, encode: false }],
  VAAPI: [{ kind: 'vaapi', device: '/dev/dri/renderD128', decode: true, decode10: true, encode: true }],
  QSV: [{ kind: 'qsv', decode: false, encode: true }],
};
const tenBit = { codec: 'hevc', pixel_format: 'yuv420p10le', bit_depth: 10 };
// A phone's portrait video: coded 1920x1080, shown 1080x1920.
const rotated = { rotation: 90, width: 1080, height: 1920 };

for (const [machine, usable] of Object.entries(machines)) {
  for (const [source, video] of Object.entries({
    '10-bit HEVC': tenBit,
    rotated,
    'rotated 10-bit': { ...tenBit, ...rotated },
    'rotated HDR': { ...hdr, ...rotated },
    interlaced: { interlaced: true },
    'woven of fields that nothing flags': { unflagged_fields: 'bff' as const },
    'of full range': { pixel_format: 'yuvj420p' },
  }))
    test(`${machine}, ${source}`, (t) => {
      t.snapshot(golden(plan(usable, video)));
    });
}

const all = ['h264', 'hevc', 'av1'] as const;
const able: Record<string, Acceleration> = {
  NVENC: { kind: 'cuda', decode: true, decode10: true, encode: true, codecs: all },
  'NVENC of the second GPU': { kind: 'cuda', device: '1', decode: true, encode: true, codecs: all },
  VAAPI: { kind: 'vaapi', device: '/dev/dri/renderD128', decode: true, encode: true, codecs: all },
  QSV: { kind: 'qsv', decode: true, decode10: true, encode: true, codecs: all },
};
for (const [machine, device] of Object.entries(able))
  for (const codec of all)
    test(`${machine} encodes ${codec}`, (t) => {
      const rungs = codecs.map((rung) => ({ ...rung, codec })).slice(0, 1);
      const spec = encodeSpec(source, media(), { renditions: rungs });
      t.snapshot(golden(planEncode(spec, '/data/source', { usable: [device], toneMap: true, threads: 2 })));
    });

test('QSV decodes 10 bits into its memory where the trial showed that', (t) => {
  t.snapshot(golden(plan([able.QSV!], tenBit)));
});

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
  const usable = [h264, able.VAAPI!];
  const { hardware } = planEncode(spec, '/data/source', { usable, toneMap: true });
  t.is(hardware, 'vaapi (decode, scale, encode)');
  const alone = planEncode(spec, '/data/source', { usable: [h264], toneMap: true });
  t.is(alone.hardware, 'cuda (decode, scale) + cpu (encode)');
});

test('a device that decodes and another one that encodes: frames go over main memory', (t) => {
  const nvdec: Acceleration = { kind: 'cuda', decode: true, encode: false };
  t.snapshot(
    golden(plan([nvdec, { kind: 'vaapi', device: '/dev/dri/renderD128', decode: false, encode: true }])),
  );
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

test('a source without audio maps none', (t) => {
  const silent = { ...media(), audio: [] };
  const { args } = planEncode(encodeSpec(source, silent), '/data/source', { usable: [], toneMap: true });
  t.false(args.includes('-c:a'));
  t.notRegex(args.join(' '), /audio\.m4a/);
});

test('audio is encoded once for all outputs', (t) => {
  const { args } = plan([]);
  t.is(args.filter((arg) => arg === '-c:a').length, 1);
  t.is(args.filter((arg) => arg === '-i').length, 1);
});

for (const machine of ['CPU', 'NVENC'] as const)
  test(`${machine}: a part of the source is cut out before anything else`, (t) => {
    const spec = encodeSpec(source, media(), { trim: { start_s: 30, end_s: 50 } });
    t.snapshot(golden(planEncode(spec, '/data/source', { usable: machines[machine] ?? [], toneMap: true })));
  });

const watermark = {
  ...{ image: { key: 'w', size_bytes: 1, content_type: 'image/png' }, position: 'top-right' as const },
  ...{ width: 0.2, margin: 0.05, opacity: 0.8 },
};
for (const [machine, usable] of Object.entries(machines))
  test(`${machine}: a watermark is laid on by the CPU, at the size of each rendition`, (t) => {
    const spec = encodeSpec(source, media(), { watermark });
    const made = planEncode(spec, '/data/source', { usable, toneMap: true });
    t.snapshot(golden(made));
    for (const branch of made.args
      .join(' ')
      .split(';')
      .filter((each) => /\[p\d\]$/.test(each)))
      t.notRegex(branch, /^(?!.*hwdownload).*scale_/, 'frames are in main memory before it');
  });

test('several tracks of sound: each encoded once, the default one in every MP4', (t) => {
  const sound = { codec: 'aac' as const, bitrate: 128_000, channels: 2 };
  const several = {
    audio: { stream_index: 1, ...sound, language: 'eng' },
    audio_alternates: [{ name: 'audio-de', stream_index: 2, ...sound, language: 'deu' }],
  };
  const able = { usable: [], toneMap: true };
  t.snapshot(golden(planEncode(encodeSpec(source, media(), several), '/data/source', able)), 'with pictures');
  const alone = { ...several, renditions: [] };
  t.snapshot(golden(planEncode(encodeSpec(source, media(), alone), '/data/source', able)), 'alone');
});
