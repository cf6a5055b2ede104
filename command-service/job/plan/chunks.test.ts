import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import { sampleMedia, sampleRef } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { planJob } from '../plan.ts';
import { story } from '../testing/job-story.ts';

const film = (changes: Parameters<typeof sampleMedia>[0] = {}) =>
  sampleMedia({ duration_s: 120, entry_points_s: [0.04, 39.9, 80.2], ...changes });
const plan = (media: MediaInfo, chunk_s?: number, profile = 'default', options: EncodingOptions = {}) =>
  Plan.parse(JSON.parse(JSON.stringify(planJob(media, { profile, options, chunk_s }))));

test('a long video: a task for each chunk, one for the sound, and one that joins them', (t) => {
  const { chunks, tasks } = plan(film(), 40);
  t.deepEqual(chunks, [
    { number: 1, from_s: 0.04, to_s: 39.9 },
    { number: 2, from_s: 39.9, to_s: 80.2 },
    { number: 3, from_s: 80.2 },
  ]);
  const parts = ['encode-1', 'encode-2', 'encode-3', 'encode-audio'];
  t.deepEqual(
    tasks.map(({ task_id, kind, after }) => [task_id, kind, after]),
    [
      ['encode-1', 'encode-chunk', []],
      ['encode-2', 'encode-chunk', []],
      ['encode-3', 'encode-chunk', []],
      ['encode-audio', 'encode', []],
      ['stitch', 'stitch', parts],
      ['transcribe', 'transcribe', []],
      ['package', 'package', ['stitch', 'transcribe']],
      ['verify', 'verify', ['package']],
    ],
  );
});

test('without sound there is no task for it', (t) => {
  const { tasks } = plan(film({ audio: [] }), 40);
  t.deepEqual(tasks.find(({ kind }) => kind === 'stitch')?.after, ['encode-1', 'encode-2', 'encode-3']);
  t.false(tasks.some(({ kind }) => kind === 'encode'));
});

const whole: Record<string, [MediaInfo, number | undefined, string?]> = {
  'where no chunks are wanted': [film(), undefined],
  'where it is shorter than three chunks': [film(), 41],
  'where it can be entered nowhere': [sampleMedia({ duration_s: 120 }), 40],
  'where it can be entered at its start only': [film({ entry_points_s: [0] }), 40],
  'where the profile makes no video': [film(), 40, 'audio-only'],
};
for (const [why, [media, chunk_s, profile]] of Object.entries(whole))
  test(`a video is encoded whole ${why}`, (t) => {
    const { chunks, tasks } = plan(media, chunk_s, profile);
    t.is(chunks, undefined);
    t.is(tasks[0]?.task_id, 'encode');
    t.false(tasks.some(({ kind }) => kind === 'encode-chunk' || kind === 'stitch'));
  });

test('of a trimmed video: from where it is trimmed to where it ends, by the keyframes between', (t) => {
  const long = film({ duration_s: 300, entry_points_s: [0, 30, 60, 90, 120, 150, 180, 210, 240, 270] });
  const trim = { start_s: 44, end_s: 170 };
  t.deepEqual(plan(long, 30, 'default', { trim }).chunks, [
    { number: 1, from_s: 44, to_s: 60 },
    { number: 2, from_s: 60, to_s: 90 },
    { number: 3, from_s: 90, to_s: 120 },
    { number: 4, from_s: 120, to_s: 150 },
    { number: 5, from_s: 150 },
  ]);
  const slivers = plan(long, 30, 'default', { trim: { start_s: 59, end_s: 151 } });
  t.deepEqual(
    slivers.chunks?.map(({ from_s }) => from_s),
    [59, 90, 120],
  );
  t.is(
    plan(long, 30, 'default', { trim: { start_s: 44, end_s: 133 } }).chunks,
    undefined,
    'too short a part',
  );
  const late = film({ duration_s: 140, entry_points_s: [20, 60, 100] });
  t.deepEqual(
    plan(late, 30, 'default', { trim: { start_s: 0, end_s: 138 } }).chunks?.map(({ from_s }) => from_s),
    [0, 60, 100],
    'no chunk without a picture',
  );

  const job = story({ chunk_s: 30, options: { trim } }, long).succeed('inspect');
  const specs = job.events.flatMap((event) => (event.type === 'TaskScheduled' ? [event.data.spec] : []));
  const parts = specs.filter(({ kind }) => kind !== 'inspect');
  t.is(parts.length, 7);
  for (const spec of parts) t.deepEqual('trim' in spec && spec.trim, trim, spec.kind);
});

test('every chunk gets the watermark, the sound does not, and neither does what is joined', (t) => {
  const watermark = sampleRef('jobs/a/watermark', 5_000, 'image/png');
  const options = { watermark: { position: 'top-left' as const, width: 0.2, margin: 0, opacity: 1 } };
  const job = story({ chunk_s: 40, watermark, options }, film()).succeed('inspect');
  const specs = job.events.flatMap((event) => (event.type === 'TaskScheduled' ? [event.data.spec] : []));
  const marks = specs.map((spec) => [spec.kind, 'watermark' in spec && spec.watermark?.position]);
  t.deepEqual(marks, [
    ['inspect', false],
    ...Array.from({ length: 3 }, () => ['encode-chunk', 'top-left']),
    ['encode', false],
    ['transcribe', false],
  ]);
});
