import { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { evolve } from '@transcodeflow/shared/read-model/job-document/evolve.ts';
import { sampleRef } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { envelopes, events } from '../testing/histories.ts';

const JOB = '019b7a11-7000-7000-8000-00000000000a';
const URL = 'https://videos.example/a.mp4';
const fold = (...history: JobEvent[]) =>
  JobDocument.parse(envelopes(JOB, history).reduce<JobDocument | undefined>(evolve, undefined));

const fetched: JobEvent = {
  type: 'TaskSucceeded',
  data: {
    task_id: 'ingest',
    kind: 'ingest',
    epoch: 1,
    worker_id: 'worker-1',
    result: { kind: 'ingest', source: sampleRef('k', 7_000), sha256: 'a'.repeat(64) },
    commands: [],
    wall_ms: 5,
  },
};

test('a source by URL has the size that was announced, if any, and then the one that was fetched', (t) => {
  const announced = events.requested(JOB, { source: { url: URL, most_bytes: 8_000, size_bytes: 8_000 } });
  const unknown = events.requested(JOB, { source: { url: URL, most_bytes: 9_000 } });
  const running = [events.scheduled('ingest'), events.started('ingest')];
  t.like(fold(announced), { source_url: URL, source_bytes: 8_000 });
  t.like(fold(unknown), { source_url: URL, source_bytes: 0 });
  t.like(fold(unknown, ...running), { source_bytes: 0, status: 'processing' });
  const after = fold(unknown, ...running, fetched, events.scheduled('inspect'));
  t.like(after, { source_url: URL, source_bytes: 7_000 });
  t.deepEqual(
    after.tasks.map(({ kind, status }) => [kind, status]),
    [
      ['ingest', 'succeeded'],
      ['inspect', 'queued'],
    ],
  );
});
