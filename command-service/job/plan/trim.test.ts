import { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import { sampleMedia } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { planJob } from '../plan.ts';
import { planTrim } from './trim.ts';

const media = sampleMedia({ duration_s: 10 });
const trimmed = (start_s: number, end_s?: number) =>
  planTrim(media, EncodingOptions.parse({ trim: { start_s, ...(end_s !== undefined && { end_s }) } }));

test('an end beyond the source, or none, is its end; what is all of it is no trim', (t) => {
  t.deepEqual(trimmed(2, 5), { start_s: 2, end_s: 5 });
  t.deepEqual(trimmed(2, 50), { start_s: 2, end_s: 10 });
  t.deepEqual(trimmed(2), { start_s: 2, end_s: 10 });
  t.is(trimmed(0, 10), undefined);
  t.is(planTrim(media, {}), undefined);
});

test('pictures are planned for the part alone', (t) => {
  const made = planJob(media, {
    profile: 'default',
    options: { trim: { start_s: 2, end_s: 5 }, poster_time_s: 60 },
  });
  t.deepEqual(made.trim, { start_s: 2, end_s: 5 });
  t.like(made.storyboard, { interval_s: 1, columns: 3, rows: 1 });
  t.true((made.poster?.time_s ?? 9) < 3, 'at most its last frame');
});

test('an end before the start, or hardly after it, is refused', (t) => {
  for (const trim of [
    { start_s: 5, end_s: 5 },
    { start_s: 5, end_s: 4 },
    { start_s: 5, end_s: 5.05 },
    { start_s: -1 },
  ])
    t.false(EncodingOptions.safeParse({ trim }).success, JSON.stringify(trim));
  t.deepEqual(EncodingOptions.parse({ trim: { end_s: 3 } }).trim, { start_s: 0, end_s: 3 });
});
