import { type JobEvent, parseJobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { sampleMedia, sampleRequest, sampleResult } from '@transcodeflow/shared/testing/job-samples.ts';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { JobCommand } from './commands.ts';
import { StaleAttemptError } from './decide/attempt.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { isOpen, type JobState } from './state.ts';
import { fold, NOW } from './testing/given.ts';
import { byUrl, FAILURE, JOB, request, withThumbnail } from './testing/job-story.ts';

/** One thing that happens in the world around the decider; numbers choose among what is there at that moment. */
type Step =
  | { type: 'client'; command: 'CancelJob' | 'RetryJob' | 'DeleteJob' }
  | {
      type: 'report';
      report: TaskReport['type'];
      attempt: number;
      worker: number;
      fatal: boolean;
      interrupted: boolean;
    }
  | { type: 'lease'; attempt: number }
  | { type: 'retry'; attempt: number }
  | { type: 'redispatch'; attempt: number }
  | { type: 'repeat'; past: number };

/** Split into three chunks by the jobs that ask for chunks; the others encode it whole. */
const film = sampleMedia({ duration_s: 120, entry_points_s: [0, 39.9, 80.2] });

const number = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('client' as const),
      command: fc.constantFrom('CancelJob', 'RetryJob', 'RetryJob', 'DeleteJob'),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('report' as const),
      report: fc.constantFrom(
        'TaskStarted',
        'TaskStarted',
        'TaskSucceeded',
        'TaskSucceeded',
        'TaskSucceeded',
        'TaskFailed',
        'AccelerationDegraded',
      ),
      attempt: number,
      worker: fc.nat(2),
      fatal: fc.boolean(),
      interrupted: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.oneof(
      fc.record({ type: fc.constant('lease' as const), attempt: number }),
      fc.record({ type: fc.constant('retry' as const), attempt: number }),
      fc.record({ type: fc.constant('redispatch' as const), attempt: number }),
    ),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('repeat' as const), past: number }) },
);

interface World {
  events: JobEvent[];
  state: JobState;
  sent: JobCommand[];
}

const FINAL = new Set(['JobCompleted', 'JobFailed', 'JobCancelled', 'JobDeleted']);

function execute(t: ExecutionContext, world: World, command: JobCommand): void {
  world.sent.push(command);
  let decided: JobEvent[];
  try {
    decided = decide(command, world.state, { now: NOW, jitter: 0.5 });
  } catch (error) {
    if (!(error instanceof StaleAttemptError) && !(error instanceof AppError)) throw error;
    return;
  }
  for (const event of decided) {
    const stored = JSON.parse(JSON.stringify(event));
    t.deepEqual(parseJobEvent(stored.type, stored.data), stored, `${event.type} can be read back`);
    world.events.push(event);
    world.state = evolve(world.state, event);
  }
}

/** Any attempt that was ever scheduled: those that are over report too. */
function commandOf(step: Exclude<Step, { type: 'repeat' }>, { events }: World): JobCommand | undefined {
  if (step.type === 'client') return { type: step.command, data: { by: 'key-1' } };
  const attempts = events.flatMap((event) => (event.type === 'TaskScheduled' ? [event.data] : []));
  const attempt = attempts[step.attempt % Math.max(1, attempts.length)];
  if (!attempt) return undefined;
  const { task_id, epoch, kind, spec } = attempt;
  if (step.type === 'lease') return { type: 'LoseTask', data: { task_id, epoch, reason: 'No heartbeat' } };
  if (step.type === 'retry') return { type: 'RetryTask', data: { task_id, epoch } };
  if (step.type === 'redispatch') return { type: 'RedispatchTask', data: { task_id, epoch } };
  const worker_id = `worker-${step.worker}`;
  const owned = { task_id, epoch, worker_id, kind };
  switch (step.report) {
    case 'TaskStarted':
      return { type: 'StartTask', data: owned };
    case 'TaskSucceeded':
      return {
        type: 'SucceedTask',
        data: {
          ...owned,
          result: sampleResult(spec, attemptPrefix(JOB, task_id, epoch, worker_id), film),
          commands: [],
          wall_ms: 1,
        },
      };
    case 'TaskFailed': {
      const error = {
        ...FAILURE,
        retryable: !step.fatal,
        ...(step.interrupted ? { code: 'interrupted' } : {}),
      };
      return { type: 'FailTask', data: { ...owned, error, commands: [] } };
    }
    case 'AccelerationDegraded':
      return {
        type: 'DegradeTask',
        data: { task_id, epoch, worker_id, from: 'cuda', to: 'cpu', reason: 'busy' },
      };
  }
}

function play(t: ExecutionContext, { request: changes, steps }: Interleaving): World {
  const world: World = { events: [], state: undefined, sent: [] };
  execute(t, world, request(changes));
  for (const step of steps) {
    const command =
      step.type === 'repeat' ? world.sent[step.past % world.sent.length] : commandOf(step, world);
    if (command) execute(t, world, command);
  }
  return world;
}

interface Interleaving {
  request: Parameters<typeof request>[0];
  steps: readonly Step[];
}

const interleavings: fc.Arbitrary<Interleaving> = fc.record({
  request: fc.constantFrom(withThumbnail, { ...withThumbnail, ...byUrl }, { ...withThumbnail, chunk_s: 40 }),
  steps: fc.array(step, { maxLength: 120, size: 'max' }),
});
const runs = { numRuns: 400 };

test('at most one end until the job is retried, and nothing but deletion after it', (t) => {
  fc.assert(
    fc.property(interleavings, (steps) => {
      let ended: string | undefined;
      for (const { type } of play(t, steps).events) {
        if (type === 'JobRetried') {
          t.is(ended, 'JobFailed');
          ended = undefined;
        } else if (ended !== undefined) {
          t.is(type, 'JobDeleted', `${type} after ${ended}`);
          t.not(ended, 'JobDeleted');
          ended = type;
        } else if (FINAL.has(type)) ended = type;
      }
    }),
    runs,
  );
});

test('epochs of a task grow by one, and each attempt has at most one owner and one end', (t) => {
  fc.assert(
    fc.property(interleavings, (steps) => {
      const epochs = new Map<string, number>();
      const owners = new Map<string, string>();
      const ends = new Set<string>();
      for (const { type, data } of play(t, steps).events) {
        if (!('epoch' in data)) continue;
        const attempt = `${data.task_id}/${data.epoch}`;
        if (type === 'TaskScheduled') {
          t.is(data.epoch, (epochs.get(data.task_id) ?? 0) + 1);
          epochs.set(data.task_id, data.epoch);
        }
        if (type === 'TaskStarted' && 'worker_id' in data) {
          t.false(owners.has(attempt), `${attempt} started twice`);
          owners.set(attempt, data.worker_id);
        }
        if (
          (type === 'TaskSucceeded' || type === 'TaskFailed' || type === 'TaskLost') &&
          'worker_id' in data
        ) {
          t.is(owners.get(attempt), data.worker_id);
          t.false(ends.has(attempt), `${attempt} ended twice`);
          ends.add(attempt);
        }
      }
    }),
    runs,
  );
});

/** What a fair world does with an open job: due deadlines fire, and every attempt gets a worker that finishes it. */
function settle(t: ExecutionContext, world: World): void {
  for (let round = 0; world.state && isOpen(world.state); round += 1) {
    if (round > 50)
      throw new Error(
        `the job hangs: ${JSON.stringify(Object.values(world.state.tasks).map(({ task_id, status }) => [task_id, status]))}`,
      );
    for (const { task_id, epoch, status, spec, worker_id = 'worker-0' } of Object.values(world.state.tasks)) {
      const owned = { task_id, epoch, worker_id, kind: spec.kind };
      if (status === 'waiting') execute(t, world, { type: 'RetryTask', data: { task_id, epoch } });
      else if (status === 'queued') execute(t, world, { type: 'StartTask', data: owned });
      else if (status === 'running' && round % 5 === 4)
        execute(t, world, { type: 'LoseTask', data: { task_id, epoch, reason: 'silent' } });
      else if (status === 'running')
        execute(t, world, {
          type: 'SucceedTask',
          data: {
            ...owned,
            result: sampleResult(spec, attemptPrefix(JOB, task_id, epoch, worker_id), film),
            commands: [],
            wall_ms: 1,
          },
        });
    }
  }
}

test('I1, I5: a fair scheduler ends every job, and its outputs name only what was accepted', (t) => {
  const ends = new Map<string, number>();
  fc.assert(
    fc.property(interleavings, (steps) => {
      const world = play(t, steps);
      settle(t, world);
      const { status = 'none' } = world.state ?? {};
      t.true(['completed', 'failed', 'cancelled', 'deleted'].includes(status), status);
      ends.set(status, (ends.get(status) ?? 0) + 1);
      const accepted = world.events.flatMap(({ type, data }) =>
        type === 'TaskSucceeded' && 'worker_id' in data
          ? [attemptPrefix(JOB, data.task_id, data.epoch, data.worker_id)]
          : [],
      );
      for (const event of world.events) {
        if (event.type !== 'JobCompleted') continue;
        const keys = [
          ...Object.values(event.data.outputs.files).map(({ key }) => key),
          ...Object.values(event.data.outputs.folders),
        ];
        for (const key of keys)
          t.true(
            accepted.some((prefix) => key.startsWith(prefix)),
            key,
          );
      }
      t.deepEqual(fold(world.events), world.state, 'the state is a fold of the events');
    }),
    runs,
  );
  // The worlds are not all alike: else the properties above would say nothing.
  t.true(
    ['completed', 'failed', 'cancelled', 'deleted'].every((status) => (ends.get(status) ?? 0) > 5),
    JSON.stringify([...ends]),
  );
});

test('I5: every task reads the source that was requested, or that the accepted attempt has fetched', (t) => {
  let fetched = 0;
  fc.assert(
    fc.property(interleavings, (interleaving) => {
      const world = play(t, interleaving);
      settle(t, world);
      const requested = interleaving.request && 'source' in interleaving.request;
      let source = requested ? undefined : sampleRequest(JOB).source;
      for (const event of world.events) {
        if (event.type === 'TaskSucceeded' && event.data.result.kind === 'ingest') {
          const { task_id, epoch, worker_id, result } = event.data;
          t.is(source, undefined, 'fetched once');
          t.true(result.source.key.startsWith(attemptPrefix(JOB, task_id, epoch, worker_id)));
          source = result.source;
          fetched += 1;
        }
        if (event.type === 'TaskScheduled' && 'source' in event.data.spec)
          t.deepEqual<unknown, unknown>(event.data.spec.source, source);
      }
    }),
    runs,
  );
  t.true(fetched > 20, `${fetched} were fetched`);
});

test('chunks are joined once all are there, of the accepted attempts alone, whatever was lost on the way', (t) => {
  let joined = 0;
  let repeated = 0;
  fc.assert(
    fc.property(interleavings, (interleaving) => {
      const world = play(t, interleaving);
      settle(t, world);
      const accepted = new Map<string, string>();
      for (const event of world.events) {
        if (event.type === 'TaskSucceeded') {
          const { task_id, epoch, worker_id } = event.data;
          t.false(accepted.has(task_id), `${task_id} succeeded twice`);
          accepted.set(task_id, attemptPrefix(JOB, task_id, epoch, worker_id));
          if (task_id.startsWith('encode-') && epoch > 1) repeated += 1;
        }
        if (event.type !== 'TaskScheduled' || event.data.spec.kind !== 'stitch') continue;
        joined += 1;
        for (const { name, chunks } of event.data.spec.renditions)
          t.deepEqual(
            chunks.map(({ object }) => object.key),
            [1, 2, 3].map((number) => `${accepted.get(`encode-${number}`)}${name}.mp4`),
          );
      }
    }),
    runs,
  );
  t.true(joined > 20 && repeated > 20, `${joined} were joined, ${repeated} chunks repeated`);
});

test('a repeated command never changes anything but an attempt that still waits', (t) => {
  fc.assert(
    fc.property(interleavings, number, (steps, past) => {
      const world = play(t, steps);
      const command = world.sent[past % world.sent.length];
      if (
        !command ||
        command.type === 'RetryJob' ||
        command.type === 'CancelJob' ||
        command.type === 'DeleteJob'
      )
        return;
      execute(t, world, command);
      const { length } = world.events;
      execute(t, world, command);
      t.is(world.events.length, length, `${command.type} repeated`);
    }),
    runs,
  );
});
