import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskErrorInfo } from '@transcodeflow/shared/contracts/task-error.ts';
import { INTERRUPTED, isPostponed, lostForGood } from './decide/retry-policy.ts';
import type { Job, JobState, TaskState } from './state.ts';

/** Folds one event into the state. Pure; total over every stored event. */
export function evolve(state: JobState, event: JobEvent): JobState {
  if (event.type === 'JobRequested') return { status: 'queued', request: event.data, tasks: {} };
  if (!state) throw new Error(`${event.type} before JobRequested: the stream is damaged`);
  switch (event.type) {
    case 'SourceInspected':
      return { ...state, media: event.data.media };
    case 'JobPlanned':
      return { ...state, plan: event.data.plan };
    case 'TaskScheduled': {
      const { task_id, epoch, spec } = event.data;
      const { failures = 0, losses = 0, status } = state.tasks[task_id] ?? {};
      const { postponed } = event.data;
      const job = withTask(state, {
        task_id,
        spec,
        epoch,
        status: 'queued',
        failures,
        losses,
        ...(postponed !== undefined && { postponed }),
      });
      return status === 'succeeded' ? withOutdated(job, task_id) : job;
    }
    case 'TaskStarted':
      return {
        ...withTask(state, { ...known(state, event), status: 'running', worker_id: event.data.worker_id }),
        status: 'processing',
      };
    case 'TaskSucceeded':
      return withTask(state, { ...known(state, event), status: 'succeeded', result: event.data.result });
    case 'TaskFailed': {
      const task = known(state, event);
      const status = event.data.retry_at ? 'waiting' : 'failed';
      const { error } = event.data;
      return withTask(state, { ...task, ...counted(task, error), status, error });
    }
    case 'TaskLost': {
      const task = known(state, event);
      const losses = task.losses + 1;
      if (event.data.retry_at) return withTask(state, { ...task, status: 'waiting', losses });
      return withTask(state, {
        ...task,
        status: 'failed',
        losses,
        error: lostForGood(task.spec.kind, losses),
      });
    }
    case 'AccelerationDegraded':
      return withTask(state, { ...known(state, event), degraded_epoch: event.data.epoch });
    case 'JobCompleted':
      return { ...state, status: 'completed' };
    case 'JobFailed':
      return { ...state, status: 'failed' };
    case 'JobCancelled':
      return { ...state, status: 'cancelled' };
    case 'JobRetried':
      return { ...state, status: 'queued', tasks: mapTasks(state, forgiven) };
    case 'JobDeleted':
      return { ...state, status: 'deleted' };
    default:
      return event satisfies never;
  }
}

/** The counter that an attempt's end raises: handed back, put off, or failed. */
function counted(task: TaskState, { code }: TaskErrorInfo): Partial<TaskState> {
  if (code === INTERRUPTED) return { losses: task.losses + 1 };
  if (isPostponed(code, task)) return { postponed: (task.postponed ?? 0) + 1 };
  return { failures: task.failures + 1 };
}

/** A retried job gets its attempts back; what had succeeded stays. */
const forgiven = (task: TaskState): TaskState =>
  task.status === 'succeeded' || task.status === 'outdated'
    ? task
    : { ...task, status: 'failed', failures: 0, losses: 0, postponed: 0 };

/** Of a task that is done again, what was made of its result counts no more. */
function withOutdated(job: Job, taskId: string): Job {
  const outdated = new Set([taskId]);
  // A plan lists a task behind those that it waits for.
  for (const { task_id, after } of job.plan?.tasks ?? [])
    if (after.some((needed) => outdated.has(needed))) outdated.add(task_id);
  outdated.delete(taskId);
  return {
    ...job,
    tasks: mapTasks(job, ({ task_id, spec, epoch, ...task }) =>
      outdated.has(task_id)
        ? { task_id, spec, epoch, status: 'outdated', failures: 0, losses: 0 }
        : { task_id, spec, epoch, ...task },
    ),
  };
}

const mapTasks = (job: Job, change: (task: TaskState) => TaskState): Job['tasks'] =>
  Object.fromEntries(Object.entries(job.tasks).map(([id, task]) => [id, change(task)]));

const withTask = (job: Job, task: TaskState): Job => ({
  ...job,
  tasks: { ...job.tasks, [task.task_id]: task },
});

function known(job: Job, event: { type: string; data: { task_id: string } }): TaskState {
  const task = job.tasks[event.data.task_id];
  if (!task)
    throw new Error(
      `${event.type} of task ${event.data.task_id}, which was never scheduled: the stream is damaged`,
    );
  return task;
}
