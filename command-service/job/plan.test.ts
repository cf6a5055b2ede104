import { filmOf, MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import { sampleMedia, sampleRef } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import fc from 'fast-check';
import { planJob } from './plan.ts';

const plan = (media: MediaInfo, thumbnail = false) =>
  planJob(media, { profile: 'default', options: {}, ...(thumbnail ? { thumbnail: sampleRef('t') } : {}) });
const sized = (width: number, height: number, bitrate?: number) =>
  plan(sampleMedia({ video: { width, height, ...(bitrate ? { bitrate } : {}) } }));
const ladder = (width: number, height: number) =>
  sized(width, height).renditions.map(
    (rendition) => `${rendition.name} ${rendition.width}x${rendition.height}`,
  );

test('the ladder follows the short side, in landscape and in portrait', (t) => {
  t.deepEqual(ladder(1920, 1080), ['360p 640x360', '720p 1280x720']);
  t.deepEqual(ladder(1080, 1920), ['360p 360x640', '720p 720x1280']);
  t.deepEqual(ladder(1080, 1080), ['360p 360x360', '720p 720x720']);
  t.deepEqual(ladder(2560, 1080), ['360p 854x360', '720p 1706x720']);
});

test('a source of exactly a rung gets it; nothing is scaled up', (t) => {
  t.deepEqual(ladder(1280, 720), ['360p 640x360', '720p 1280x720']);
  const { renditions, skipped } = sized(854, 480);
  t.deepEqual(
    renditions.map(({ name }) => name),
    ['360p'],
  );
  t.deepEqual(skipped, [{ output: '720p', reason: 'The source is 854x480: video is never scaled up' }]);
});

test('a source below every rung gets one rendition of its own size, named after it', (t) => {
  const { renditions, skipped } = sized(426, 240);
  t.like(renditions, { length: 1, 0: { name: '240p', width: 426, height: 240 } });
  t.deepEqual(
    skipped.map(({ output }) => output),
    ['360p', '720p'],
  );
});

test('odd sizes are made even', (t) => {
  t.deepEqual(ladder(853, 479), ['360p 642x360']);
  t.deepEqual(ladder(427, 241), ['240p 426x240']);
});

test('a rendition is allowed no more than nine tenths of the rate of its source', (t) => {
  t.deepEqual(
    sized(1920, 1080).renditions.map((rendition) => rendition.max_bitrate),
    [1_200_000, 4_000_000],
  );
  t.deepEqual(
    sized(1920, 1080, 2_000_000).renditions.map((rendition) => rendition.max_bitrate),
    [1_200_000, 1_800_000],
  );
  t.deepEqual(
    sized(1920, 1080, 50_000).renditions.map((rendition) => rendition.max_bitrate),
    [100_000, 100_000],
  );
  t.is(plan(sampleMedia({ bitrate: 500_000 })).renditions[0]?.max_bitrate, 450_000);
});

const track = { index: 1, codec: 'aac', channels: 2, sample_rate: 48_000, default: false };

test('audio: the default track, stereo at most, no more bits than the source had', (t) => {
  const audio = (...tracks: Partial<typeof track & { bitrate: number; language: string }>[]) =>
    plan(sampleMedia({ audio: tracks.map((changes) => ({ ...track, ...changes })) })).audio;
  t.deepEqual(audio({ channels: 6 }), { stream_index: 1, codec: 'aac', bitrate: 128_000, channels: 2 });
  t.deepEqual(audio({ channels: 1 }), { stream_index: 1, codec: 'aac', bitrate: 64_000, channels: 1 });
  t.is(audio({ bitrate: 96_000 })?.bitrate, 96_000);
  t.is(audio({ bitrate: 8_000 })?.bitrate, 32_000);
  t.like(audio({ index: 1, language: 'eng' }, { index: 2, default: true, language: 'fra' }), {
    stream_index: 2,
    language: 'fra',
  });
  t.is(audio({ index: 3 }, { index: 4 })?.stream_index, 3);
});

test('a silent source has no audio and nothing to transcribe, and says so', (t) => {
  const silent = plan(sampleMedia({ audio: [] }));
  t.is(silent.audio, undefined);
  t.false(silent.transcribe);
  t.deepEqual(silent.skipped, [{ output: 'audio', reason: 'The source has no audio' }]);
  t.deepEqual(
    silent.tasks.map(({ task_id }) => task_id),
    ['encode', 'package', 'verify'],
  );
});

test('thumbnail and transcription are optional and wait for nothing', (t) => {
  const { tasks } = plan(sampleMedia(), true);
  t.deepEqual(
    tasks.filter(({ optional }) => optional),
    [
      { task_id: 'thumbnail', kind: 'thumbnail', after: [], optional: true },
      { task_id: 'transcribe', kind: 'transcribe', after: [], optional: true },
    ],
  );
});

test('a storyboard is one sheet of at most 100 tiles, at least a second apart', (t) => {
  const board = (duration_s: number) => plan(sampleMedia({ duration_s })).storyboard;
  t.deepEqual(board(10), { interval_s: 1, tile_width: 160, tile_height: 90, columns: 10, rows: 1 });
  t.like(board(0), { interval_s: 1, columns: 1, rows: 1 });
  t.like(board(0.4), { columns: 1, rows: 1 });
  t.like(board(100), { interval_s: 1, columns: 10, rows: 10 });
  t.like(board(101), { interval_s: 2, columns: 10, rows: 6 });
  t.like(board(7_200), { interval_s: 72, columns: 10, rows: 10 });
});

test('an unknown profile is a fault', (t) => {
  t.throws(() => planJob(sampleMedia(), { profile: 'cinema', options: {} }), { message: /cinema/ });
});

/** What inspection may find, also the absurd. */
const anyMedia: fc.Arbitrary<MediaInfo> = fc
  .record({
    width: fc.integer({ min: 2, max: 16_384 }),
    height: fc.integer({ min: 2, max: 16_384 }),
    rate: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined }),
    duration_s: fc.double({ min: 0, max: 1e6, noNaN: true }),
    channels: fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 3 }),
    audioRate: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { nil: undefined }),
  })
  .map(({ width, height, rate, duration_s, channels, audioRate }) =>
    MediaInfo.parse(
      sampleMedia({
        duration_s,
        video: { width, height, ...(rate === undefined ? {} : { bitrate: rate }) },
        audio: channels.map((count, index) => ({
          ...track,
          index: index + 1,
          channels: count,
          ...(audioRate === undefined ? {} : { bitrate: audioRate }),
        })),
      }),
    ),
  );

test('whatever inspection finds, the plan can be stored and read back, scales nothing up and keeps the bounds', (t) => {
  fc.assert(
    fc.property(anyMedia, (media) => {
      const made = plan(media);
      t.deepEqual(Plan.parse(JSON.parse(JSON.stringify(made))), JSON.parse(JSON.stringify(made)));
      const { width, height } = filmOf(media).video;
      for (const rendition of made.renditions) {
        t.is(rendition.width % 2, 0);
        t.is(rendition.height % 2, 0);
        t.true(
          rendition.width <= Math.max(2, width + 1) && rendition.height <= Math.max(2, height + 1),
          `${rendition.width}x${rendition.height} of ${width}x${height}`,
        );
      }
      const { columns = 0, rows = 0, interval_s = 0 } = made.storyboard ?? {};
      t.true(columns * rows <= 100 && interval_s >= 1);
      t.true((made.audio?.channels ?? 1) <= 2);
    }),
    { numRuns: 300 },
  );
});
