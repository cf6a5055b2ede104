import test from 'ava';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { encodeSpec } from '../testing/encode-spec.ts';
import {
  all,
  codecs,
  golden,
  hdr,
  machines,
  media,
  plan,
  rotated,
  source,
  tenBit,
} from '../testing/golden-plans.ts';
import { planEncode } from './encode-plan.ts';

test('CPU', (t) => {
  t.snapshot(golden(plan([])));
});

for (const [av1, encoders] of Object.entries({
  'SVT-AV1': undefined,
  libaom: new Set(['libx264', 'libx265', 'libaom-av1']),
}))
  test(`CPU: a budget of three threads, as x264, x265 and ${av1} each take it`, (t) => {
    const spec = encodeSpec(source, media(), { renditions: codecs });
    t.snapshot(golden(planEncode(spec, '/data/source', { usable: [], toneMap: true, threads: 3, encoders })));
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

test('HDR is tone-mapped by the CPU and tagged bt709', (t) => {
  t.snapshot(golden(plan([{ kind: 'cuda', decode: true, encode: true }], hdr)));
});

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

for (const [machine, capped] of Object.entries({ VAAPI: ['h264', 'hevc'] as const, QSV: all }))
  for (const codec of capped)
    test(`${machine} encodes ${codec} below its cap where the trial showed that`, (t) => {
      const rungs = codecs.map((rung) => ({ ...rung, codec, preset: 'slow' })).slice(0, 1);
      const spec = encodeSpec(source, media(), { renditions: rungs });
      const usable = [{ ...able[machine]!, capped }];
      t.snapshot(golden(planEncode(spec, '/data/source', { usable, toneMap: true })));
    });

test('QSV decodes 10 bits into its memory where the trial showed that', (t) => {
  t.snapshot(golden(plan([able.QSV!], tenBit)));
});

test('a device that decodes and another one that encodes: frames go over main memory', (t) => {
  const nvdec: Acceleration = { kind: 'cuda', decode: true, encode: false };
  t.snapshot(
    golden(plan([nvdec, { kind: 'vaapi', device: '/dev/dri/renderD128', decode: false, encode: true }])),
  );
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
