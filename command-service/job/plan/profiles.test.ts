import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import type { ProfileName } from '@transcodeflow/shared/contracts/rest/jobs.ts';
import { profiles } from '@transcodeflow/shared/profiles/profiles.ts';
import { sampleMedia } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { planJob } from '../plan.ts';

const sources = {
  landscape: [3840, 2160],
  portrait: [1080, 1920],
  ultrawide: [2560, 1080],
  '480p': [854, 480],
  tiny: [160, 120],
} as const;

const plan = (
  profile: ProfileName,
  [width, height]: readonly [number, number],
  options: EncodingOptions = {},
) => {
  const made = planJob(sampleMedia({ video: { width, height } }), { profile, options });
  // What is planned is stored and read back.
  return Plan.parse(JSON.parse(JSON.stringify(made)));
};
const ladder = ({ renditions }: Plan) =>
  renditions.map(({ name, width, height }) => `${name} ${width}x${height}`);

const web = {
  landscape: [
    '240p 426x240',
    '360p 640x360',
    '480p 854x480',
    '720p 1280x720',
    '1080p 1920x1080',
    '1440p 2560x1440',
    '2160p 3840x2160',
  ],
  portrait: ['240p 240x426', '360p 360x640', '480p 480x854', '720p 720x1280', '1080p 1080x1920'],
  ultrawide: ['240p 568x240', '360p 854x360', '480p 1138x480', '720p 1706x720', '1080p 2560x1080'],
  '480p': ['240p 428x240', '360p 640x360', '480p 854x480'],
  tiny: ['120p 160x120'],
};
const own = {
  landscape: ['2160p 3840x2160'],
  portrait: ['1080p 1080x1920'],
  ultrawide: ['1080p 2560x1080'],
  '480p': ['480p 854x480'],
  tiny: ['120p 160x120'],
};
const none = { landscape: [], portrait: [], ultrawide: [], '480p': [], tiny: [] };
const expected: Record<ProfileName, Record<keyof typeof sources, string[]>> = {
  default: {
    landscape: ['360p 640x360', '720p 1280x720'],
    portrait: ['360p 360x640', '720p 720x1280'],
    ultrawide: ['360p 854x360', '720p 1706x720'],
    '480p': ['360p 640x360'],
    tiny: ['120p 160x120'],
  },
  web,
  hevc: web,
  av1: web,
  'audio-only': none,
  archive: own,
};

for (const name of Object.keys(profiles) as ProfileName[])
  test(`${name}: its ladder for each shape of source, never scaled up`, (t) => {
    for (const shape of Object.keys(sources) as (keyof typeof sources)[])
      t.deepEqual(ladder(plan(name, sources[shape])), expected[name][shape], shape);
  });

test('codec, quality and speed are those of the profile', (t) => {
  const settings = (name: ProfileName) => plan(name, sources['480p']).renditions.at(-1);
  t.like(settings('default'), { codec: 'h264', crf: 23, preset: 'fast' });
  t.like(settings('web'), { codec: 'h264', crf: 23, max_bitrate: 2_000_000 });
  t.like(settings('hevc'), { codec: 'hevc', crf: 26, max_bitrate: 1_300_000 });
  t.like(settings('av1'), { codec: 'av1', crf: 35, max_bitrate: 1_000_000 });
  t.like(settings('archive'), { codec: 'h264', crf: 16, preset: 'slow', max_bitrate: 120_000_000 });
});

test('archive may spend more than its source did', (t) => {
  const media = sampleMedia({ video: { bitrate: 1_000_000 } });
  const rate = (profile: ProfileName) => planJob(media, { profile, options: {} }).renditions[0]?.max_bitrate;
  t.is(rate('archive'), 120_000_000);
  t.is(rate('web'), 600_000);
});

test('audio-only makes no pictures, and says so of each', (t) => {
  const made = plan('audio-only', sources.landscape);
  t.is(made.poster ?? made.storyboard, undefined);
  t.deepEqual(
    made.tasks.map(({ task_id }) => task_id),
    ['encode', 'transcribe', 'package', 'verify'],
  );
  t.deepEqual(
    made.skipped.map(({ output }) => output),
    ['thumbnail', 'storyboard', 'preview'],
  );
});

test('renditions: any heights, lowest first, with caps of the rung above', (t) => {
  const { renditions, skipped } = plan('default', sources['480p'], { renditions: [720, 400, 144] });
  t.deepEqual(
    renditions.map(({ name, max_bitrate }) => [name, max_bitrate]),
    [
      ['144p', 600_000],
      ['400p', 2_000_000],
    ],
  );
  t.deepEqual(
    skipped.map(({ output }) => output),
    ['720p'],
  );
});

test('renditions of a codec that needs less have lower caps, also for heights that its ladder lacks', (t) => {
  const cap = (profile: ProfileName) =>
    plan(profile, sources['480p'], { renditions: [400] }).renditions[0]?.max_bitrate;
  t.is(cap('web'), 2_000_000);
  t.is(cap('hevc'), 1_300_000);
  t.is(cap('av1'), 1_000_000);
});

test('crf, preset and cap: of every rendition; a cap never raises the one of the ladder', (t) => {
  const options = { crf: 30, preset: 'slow', max_bitrate: 1_000_000 } as const;
  const { renditions } = plan('default', sources.portrait, options);
  t.deepEqual(
    renditions.map(({ crf, preset, max_bitrate }) => [crf, preset, max_bitrate]),
    [
      [30, 'slow', 1_000_000],
      [30, 'slow', 1_000_000],
    ],
  );
  t.is(plan('web', sources.portrait, { max_bitrate: 100_000_000 }).renditions[0]?.max_bitrate, 600_000);
});

test('hls and captions: without their tasks, and the gate waits for the encode', (t) => {
  const { tasks, skipped } = plan('default', sources.landscape, { hls: false, captions: false });
  t.deepEqual(tasks, [
    { task_id: 'encode', kind: 'encode', after: [], optional: false },
    { task_id: 'verify', kind: 'verify', after: ['encode'], optional: false },
  ]);
  t.deepEqual(
    skipped.map(({ output }) => output),
    ['transcription', 'hls', 'dash'],
  );
});

test('DASH: as HLS, unless the job says otherwise', (t) => {
  const of = (options: EncodingOptions) => {
    const { dash, skipped, tasks } = plan('default', sources.landscape, options);
    const left = skipped.map(({ output }) => output);
    return [dash, tasks.some(({ kind }) => kind === 'package'), left.join()];
  };
  t.deepEqual(of({}), [true, true, '']);
  t.deepEqual(of({ dash: false }), [undefined, true, 'dash']);
  t.deepEqual(of({ hls: false }), [undefined, false, 'hls,dash']);
  t.deepEqual(of({ hls: false, dash: true }), [true, true, 'hls']);
});

test('poster: half a frame before its instant, at most the last frame, never below 0', (t) => {
  const time = (poster_time_s: number) =>
    plan('default', sources.landscape, { poster_time_s }).poster?.time_s;
  t.is(time(0), 0);
  t.is(time(4), 3.98);
  t.is(time(3_600)?.toFixed(6), '9.940000');
  t.is(plan('default', sources.landscape).poster?.time_s, undefined);
});

test('without options a plan holds nothing of them', (t) => {
  const made = plan('default', sources.landscape);
  t.false('quality' in made);
  t.deepEqual(Object.keys(made.audio ?? {}).toSorted(), ['bitrate', 'channels', 'codec', 'stream_index']);
  t.is(plan('default', sources.landscape, { quality: false }).quality, false);
  t.deepEqual(plan('default', sources.landscape, { loudness: { target_lufs: -23 } }).audio?.loudness, {
    target_lufs: -23,
  });
});

test('of sound alone, audio-only makes the sound, HLS and a transcript', (t) => {
  const { video: _, ...sound } = sampleMedia();
  const made = planJob(sound, { profile: 'audio-only', options: {} });
  t.deepEqual(made.renditions, []);
  t.is(made.audio?.stream_index, 1);
  t.deepEqual(
    made.tasks.map(({ kind }) => kind),
    ['encode', 'transcribe', 'package', 'verify'],
  );
  t.throws(() => planJob(sound, { profile: 'default', options: {} }), { message: /without video/ });
});

test('a job may have another codec than its profile; a crf of its own is on the scale of that codec', (t) => {
  const [small] = plan('default', sources.landscape, { codec: 'hevc', renditions: [360] }).renditions;
  t.like(small, { codec: 'hevc', crf: 26, max_bitrate: 780_000 });
  const [own] = plan('archive', sources.landscape, { codec: 'av1', crf: 20 }).renditions;
  t.like(own, { name: '2160p', codec: 'av1', crf: 20, max_bitrate: 60_000_000 });
  t.deepEqual(plan('audio-only', sources.landscape, { codec: 'av1' }).renditions, []);
});

test('the floor of quality is the profile’s; who asks for less than the profile’s quality gets it', (t) => {
  const floors = (profile: ProfileName, options: EncodingOptions = {}) => [
    ...new Set(plan(profile, sources.landscape, options).renditions.map(({ least_ssim }) => least_ssim)),
  ];
  t.deepEqual(floors('default'), [0.6]);
  t.deepEqual(floors('archive'), [0.65]);
  t.deepEqual(floors('default', { crf: 18 }), [0.6]);
  t.deepEqual(floors('default', { max_bitrate: 100_000 }), [0.6], 'the gate sees where the cap decides');
  t.deepEqual(floors('default', { crf: 51 }), [undefined]);
});
