import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { sampleRef } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { envelopes, events } from '../testing/histories.ts';
import { evolve, type Share } from './evolve.ts';

const JOB = '019b7a11-7000-7000-8000-00000000000a';
const fold = (...history: JobEvent[]) => envelopes(JOB, history).reduce<Share | undefined>(evolve, undefined);

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
const byUrl = events.requested(JOB, {
  source: { url: 'https://videos.example/a.mp4', most_bytes: 9_000, size_bytes: 8_000 },
});

test('a stored source counts from the request on, one by URL when it was fetched, by its real size', (t) => {
  t.like(fold(events.requested(JOB, { source: sampleRef('k', 5_000) })), { source_bytes: 5_000 });
  t.like(fold(byUrl), { source_bytes: 0, status: 'queued' });
  t.like(fold(byUrl, events.started('ingest'), fetched), {
    revision: 3,
    source_bytes: 7_000,
    status: 'processing',
  });
  t.like(fold(byUrl, events.started('ingest'), events.jobFailed), { source_bytes: 0, status: 'failed' });
});
