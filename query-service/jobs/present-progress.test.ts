import test from 'ava';
import { document } from '../testing/service.ts';
import { presentProgress } from './present-progress.ts';

type Status = 'pending' | 'succeeded' | 'running';
const task = (task_id: string, kind: string, status: Status) => ({
  task_id,
  kind,
  status,
  attempts: 1,
  epoch: 1,
});
const progress = (statuses: Record<string, Status>, fraction = 0) => {
  const kinds: Record<string, string> = {
    'encode-audio': 'encode',
    inspect: 'inspect',
    stitch: 'stitch',
    verify: 'verify',
  };
  const tasks = ['inspect', 'encode-1', 'encode-2', 'encode-3', 'encode-audio', 'stitch', 'verify'].map(
    (id) => task(id, kinds[id] ?? 'encode-chunk', statuses[id] ?? 'pending'),
  );
  const job = document(1, { status: 'processing', planned: ['720p'], tasks });
  const heartbeat = {
    job_id: job.job_id,
    task_id: 'x',
    epoch: 1,
    worker_id: 'w',
    kind: 'encode-chunk',
    fraction,
  };
  return presentProgress(job, { of: () => heartbeat }).progress;
};

test('chunks share the weight of the encode: each is nearly a third of the job', (t) => {
  const inspect = 'succeeded';
  const seen = [
    progress({ inspect }),
    progress({ inspect, 'encode-2': 'running' }, 0.5),
    progress({ inspect, 'encode-2': 'succeeded' }),
    progress({ inspect, 'encode-2': 'succeeded', 'encode-1': 'running', 'encode-3': 'running' }, 0.5),
    progress({ inspect, 'encode-2': 'succeeded', 'encode-1': 'succeeded', 'encode-3': 'succeeded' }),
  ];
  t.deepEqual(seen, [2, 17, 32, 62, 91]);
});
