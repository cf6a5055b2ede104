import { type JobEvent, parseJobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';
import type { TaskResult } from '@transcodeflow/shared/contracts/task-results.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { sampleMedia, sampleResult } from '@transcodeflow/shared/testing/job-samples.ts';
import type { ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { JobCommand } from '../commands.ts';
import { StaleAttemptError } from '../decide/attempt.ts';
import { decide } from '../decide.ts';
import { evolve } from '../evolve.ts';
import { isOpen, type JobState, type TaskState } from '../state.ts';
import { isWithoutHardware } from '../without-hardware.ts';
import { NOW } from './given.ts';
import { byUrl, FAILURE, JOB, request, withThumbnail } from './job-story.ts';

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

export const number = fc.nat(1_000);
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

export function execute(t: ExecutionContext, world: World, command: JobCommand): void {
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
  const { task_id, epoch, kind } = attempt;
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
          result: resultOf(attempt, worker_id),
          commands: [],
          wall_ms: 1,
        },
      };
    case 'TaskFailed': {
      const error = {
        ...FAILURE,
        retryable: !step.fatal,
        ...(step.fatal && kind === 'verify' ? { code: 'gate_failed' } : {}),
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

/** Some workers have hardware, which they use unless they may not. */
function resultOf(
  { task_id, epoch, spec }: Pick<TaskState, 'task_id' | 'epoch' | 'spec'>,
  worker: string,
): TaskResult {
  const result = sampleResult(spec, attemptPrefix(JOB, task_id, epoch, worker), film);
  const isAble = worker !== 'worker-0' && !isWithoutHardware(spec);
  return isAble && (result.kind === 'encode' || result.kind === 'encode-chunk')
    ? { ...result, hardware: 'cuda (decode, scale)' }
    : result;
}

export function play(t: ExecutionContext, { request: changes, steps }: Interleaving): World {
  const world: World = { events: [], state: undefined, sent: [] };
  execute(t, world, request(changes));
  for (const step of steps) {
    const command =
      step.type === 'repeat' ? world.sent[step.past % world.sent.length] : commandOf(step, world);
    if (command) execute(t, world, command);
  }
  return world;
}

export interface Interleaving {
  request: Parameters<typeof request>[0];
  steps: readonly Step[];
}

export const interleavings: fc.Arbitrary<Interleaving> = fc.record({
  request: fc.constantFrom(withThumbnail, { ...withThumbnail, ...byUrl }, { ...withThumbnail, chunk_s: 40 }),
  steps: fc.array(step, { maxLength: 120, size: 'max' }),
});
export const runs = { numRuns: 400 };

const GATE_FAILURE = { ...FAILURE, code: 'gate_failed', detail: '360p: decodes: no', retryable: false };

/**
 * What a fair world does with an open job: due deadlines fire, and every attempt gets a worker that finishes it. Its
 * hardware makes garbage, which the gate refuses.
 */
export function settle(t: ExecutionContext, world: World): void {
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
      else if (status === 'running' && spec.kind === 'verify' && isGarbage(world.state))
        execute(t, world, { type: 'FailTask', data: { ...owned, error: GATE_FAILURE, commands: [] } });
      else if (status === 'running')
        execute(t, world, {
          type: 'SucceedTask',
          data: {
            ...owned,
            result: resultOf({ task_id, epoch, spec }, worker_id),
            commands: [],
            wall_ms: 1,
          },
        });
    }
  }
}

const isGarbage = ({ tasks }: NonNullable<JobState>): boolean =>
  Object.values(tasks).some(
    ({ result }) =>
      (result?.kind === 'encode' || result?.kind === 'encode-chunk') && result.hardware !== 'cpu',
  );
