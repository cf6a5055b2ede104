import test from 'ava';
import { document } from '../testing/service.ts';
import { presentJob } from './present-job.ts';

const nothing = { of: () => undefined };
const sourceOf = (changes: Parameters<typeof document>[1]) => {
  const job = presentJob(document(1, changes), nothing, 'https://video.example');
  return Object(job).source;
};

test('the size of a source is shown once it is known, and its URL if it has one', (t) => {
  const source_url = 'https://videos.example/a.mp4';
  t.deepEqual(sourceOf({}), { size_bytes: 10_000 });
  t.deepEqual(sourceOf({ source_url, source_bytes: 0 }), { url: source_url });
  t.deepEqual(sourceOf({ source_url, source_bytes: 5 }), { size_bytes: 5, url: source_url });
  const job = presentJob(document(1, { source_url }), nothing, '');
  t.false('source_url' in job);
});
