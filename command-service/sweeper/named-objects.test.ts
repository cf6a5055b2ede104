import test from 'ava';
import { by } from '../job/testing/commands.ts';
import { JOB, story, withThumbnail } from '../job/testing/job-story.ts';
import { namedObjects } from './named-objects.ts';

const planned = story(withThumbnail).succeed('inspect').succeed('encode').succeed('package');
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
