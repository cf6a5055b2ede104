import { sampleMedia } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { by } from '../job/testing/commands.ts';
import { JOB, story, withThumbnail } from '../job/testing/job-story.ts';
import { namedObjects } from './named-objects.ts';

const planned = story(withThumbnail)
  .succeed('inspect')
  .succeed('encode')
  .succeed('transcribe')
  .succeed('package');
const encoded = `jobs/${JOB}/tasks/encode/1-worker-1/720p.mp4`;
const segment = `jobs/${JOB}/tasks/package/1-worker-1/hls/360p/seg-1.m4s`;
const leftover = `jobs/${JOB}/tasks/encode/1-zombie/720p.mp4`;
const source = `jobs/${JOB}/source`;
const thumbnail = `jobs/${JOB}/thumbnail`;
const kept = (state: Parameters<typeof namedObjects>[1]) =>
  [source, thumbnail, encoded, segment, leftover].filter(namedObjects(JOB, state));

test('an ended job keeps what was uploaded and what accepted attempts made, and nothing else', (t) => {
  t.deepEqual(kept(planned.fail('verify', { retryable: false }).state()), [
    source,
    thumbnail,
    encoded,
    segment,
  ]);
});

test('a cancelled job keeps its uploads only', (t) => {
  t.deepEqual(kept(planned.does({ type: 'CancelJob', data: by }).state()), [source, thumbnail]);
});

test('a deleted job, or one that never was, keeps nothing', (t) => {
  t.deepEqual(kept(planned.does({ type: 'DeleteJob', data: by }).state()), []);
  t.deepEqual(kept(undefined), []);
});

test('objects of other jobs are none of its business', (t) => {
  t.true(namedObjects(JOB, planned.state())('jobs/019b7a11-7000-7000-8000-0000000000ff/source'));
});

const film = sampleMedia({ duration_s: 120, entry_points_s: [0, 39.9, 80.2] });
const chunks = story({ chunk_s: 40 }, film)
  .succeed('inspect')
  .succeed('encode-1')
  .succeed('encode-2')
  .succeed('encode-audio');
const part = `jobs/${JOB}/tasks/encode-1/1-worker-1/720p.mp4`;
const tiles = `jobs/${JOB}/tasks/encode-1/1-worker-1/storyboard.yuv`;
const sound = `jobs/${JOB}/tasks/encode-audio/1-worker-1/audio.m4a`;
const joined = `jobs/${JOB}/tasks/stitch/1-worker-1/720p.mp4`;
const left = (state: Parameters<typeof namedObjects>[1]) =>
  [part, tiles, sound, joined].filter(namedObjects(JOB, state));

test('chunks are kept for a retry until they are joined; then only what was made of them, and the sound', (t) => {
  t.deepEqual(
    left(chunks.does({ type: 'CancelJob', data: by }).state()),
    [],
    'nobody retries a cancelled job',
  );
  const failed = chunks.start('encode-3').fail('encode-3', { retryable: false });
  t.deepEqual(left(failed.state()), [part, tiles, sound]);
  const done = chunks.succeed('encode-3').succeed('stitch').succeed('transcribe');
  t.deepEqual(left(done.start('package').fail('package', { retryable: false }).state()), [sound, joined]);
  const completed = done.succeed('package').succeed('verify');
  t.is(completed.state()?.status, 'completed');
  t.deepEqual(left(completed.state()), [sound, joined]);
  t.deepEqual(left(done.does({ type: 'CancelJob', data: by }).state()), []);
});
