import { filmOf } from '@transcodeflow/shared/contracts/media.ts';
import { sampleMedia, sampleRef } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { encodeSpec } from '../testing/encode-spec.ts';
import { golden } from '../testing/golden-plans.ts';
import type { ChunkWindow } from './chunk-window.ts';
import { planEncode } from './encode-plan.ts';

const sample = filmOf(sampleMedia({ duration_s: 120 }));
const media = { ...sample, video: { ...sample.video, pixel_format: 'yuv420p' } };
const { audio: _, preview: __, ...pictures } = encodeSpec(sampleRef('source', 1000), media);
const film = { first_s: 0.04, duration_s: 120 };
const windows: Record<string, ChunkWindow> = {
  first: { ...film, number: 1, from_s: 0.04, to_s: 39.96 },
  middle: { ...film, number: 2, from_s: 39.96, to_s: 80.04 },
  last: { ...film, number: 3, from_s: 80.04 },
};
const machines: Record<string, Acceleration[]> = {
  CPU: [],
  NVENC: [{ kind: 'cuda', decode: true, decode10: true, encode: true }],
  'NVDEC only': [{ kind: 'cuda', decode: true, decode10: true, encode: false }],
  VAAPI: [{ kind: 'vaapi', device: '/dev/dri/renderD128', decode: true, encode: true }],
};
const plan = (usable: Acceleration[], window: ChunkWindow | undefined, place = '/data/source') =>
  planEncode({ ...pictures, ...(window && { window }) }, place, { usable, toneMap: true, threads: 2 });

for (const [which, window] of Object.entries(windows))
  test(`the ${which} chunk, by the CPU`, (t) => {
    t.snapshot(golden(plan([], window)));
  });

for (const machine of ['NVDEC only', 'VAAPI'])
  test(`a chunk that ${machine} decodes and scales, and the CPU encodes`, (t) => {
    t.snapshot(golden(plan(machines[machine] ?? [], windows.middle)));
  });

test('a chunk read where it is served', (t) => {
  t.snapshot(golden(plan([], windows.middle, 'http://127.0.0.1:4000/secret.mp4')));
});

for (const [machine, usable] of Object.entries(machines))
  test(`${machine}: every chunk is cut on the frames as they are decoded, and encoded by the CPU`, (t) => {
    const whole = plan(usable, undefined).args;
    for (const window of Object.values(windows)) {
      const { args, hardware, encoder } = plan(usable, window);
      t.is(encoder, undefined);
      t.true(hardware === 'cpu' || hardware.endsWith('+ cpu (encode)'));
      t.true(args.includes('libx264'));
      const graph = args[args.indexOf('-filter_complex') + 1] ?? '';
      t.regex(graph, /^\[0:0\]trim=(start|end)=/);
      // The clock is the whole file's; decoding options come before the input that they are for.
      t.deepEqual(args.slice(args.indexOf('-copyts'), args.indexOf('-copyts') + 2), [
        '-copyts',
        '-start_at_zero',
      ]);
      const input = args.indexOf('-i');
      for (const option of ['-copyts', ...(window.number > 1 ? ['-noaccurate_seek', '-ss'] : [])])
        t.true(args.indexOf(option) >= 0 && args.indexOf(option) < input, option);
      t.is(args.includes('-hwaccel'), machine !== 'CPU');
      t.is(args.includes('-hwaccel'), whole.includes('-hwaccel'), 'decoded where the whole is');
    }
  });

for (const machine of ['CPU', 'NVDEC only'])
  test(`${machine}: an interlaced chunk is cut after the deinterlacer, which sees the frames around it`, (t) => {
    const video = { ...media.video, interlaced: true };
    const window = { ...film, number: 2, from_s: 39.96, to_s: 80.04, neighbours: true };
    const usable = (machines[machine] ?? []).map((device) => ({ ...device, deinterlace: true }));
    const able = { usable, toneMap: true, threads: 2 };
    const { args } = planEncode({ ...pictures, media: { ...media, video }, window }, '/data/source', able);
    const graph = args[args.indexOf('-filter_complex') + 1] ?? '';
    t.regex(graph, /^\[0:0\][^[]*bwdif(_cuda)?=[^[]*,trim=start=39\.959500:end=80\.039500,split=/);
    t.is(args[args.indexOf('-ss') + 1], '38.960000');
    t.is(/bwdif_cuda/.test(graph), machine !== 'CPU');
  });
