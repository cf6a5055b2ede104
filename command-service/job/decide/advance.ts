import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { evolve } from '../evolve.ts';
import { composeOutputs } from '../outputs.ts';
import type { Job, JobState } from '../state.ts';
import { specOf } from '../task-spec.ts';
import { isWithoutHardware, withoutHardware } from '../without-hardware.ts';

/** The state after some more events. */
export const after = (state: JobState, events: readonly JobEvent[]): JobState =>
  events.reduce<JobState>(evolve, state);

export function scheduled(
  job: Job,
  taskId: string,
  reason: 'planned' | 'failed' | 'lost' | 'job_retried',
  { acceleration }: { acceleration?: 'off' } = {},
): JobEvent {
  const kind = job.plan?.tasks.find((planned) => planned.task_id === taskId)?.kind ?? kindBeforePlan(taskId);
  const { epoch: last = 0, postponed = 0, spec: before } = job.tasks[taskId] ?? {};
  const planned = specOf(job, { task_id: taskId, kind });
  const spec = acceleration || isWithoutHardware(before) ? withoutHardware(planned) : planned;
  const epoch = last + 1;
  return {
    type: 'TaskScheduled',
    data: {
      task_id: taskId,
      kind,
      epoch,
      priority: job.request.priority,
      reason,
      spec,
      ...(postponed > 0 && { postponed }),
    },
  };
}

/** The tasks that every job begins with: a source by URL is fetched, and every source inspected. */
const kindBeforePlan = (taskId: string) => (taskId === 'ingest' ? 'ingest' : 'inspect');

/** What a task's end sets in motion: the tasks that waited for it, or the job's completion. */
export function advance(state: JobState): JobEvent[] {
  if (!state?.plan) throw new Error('A job advances only after it was planned');
  const { plan, tasks } = state;
  const settled = (taskId: string) => {
    const task = tasks[taskId];
    return task?.status === 'succeeded' || (task?.status === 'failed' && isOptional(state, taskId));
  };
  const isDue = (taskId: string) => !tasks[taskId] || tasks[taskId]?.status === 'outdated';
  const ready = plan.tasks.filter(({ task_id, after: needs }) => isDue(task_id) && needs.every(settled));
  if (ready.length > 0)
    return ready.map(({ task_id }) => scheduled(state, task_id, tasks[task_id] ? 'failed' : 'planned'));
  if (plan.tasks.every(({ task_id }) => settled(task_id)))
    return [{ type: 'JobCompleted', data: { outputs: composeOutputs(state) } }];
  return [];
}

export const isOptional = (job: Job, taskId: string): boolean =>
  job.plan?.tasks.find((task) => task.task_id === taskId)?.optional ?? false;
