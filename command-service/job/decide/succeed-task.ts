import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskCommand } from '../commands.ts';
import { planJob } from '../plan.ts';
import type { JobState } from '../state.ts';
import { advance, after, scheduled } from './advance.ts';
import { begun } from './begin.ts';

type Data = Extract<TaskCommand, { type: 'SucceedTask' }>['data'];

export function succeedTask(data: Data, state: JobState): JobEvent[] {
  const attempt = begun(state, data);
  if (!attempt) return [];
  const events: JobEvent[] = [...attempt.begin, { type: 'TaskSucceeded', data }];
  if (data.result.kind === 'ingest') {
    const job = after(state, events);
    return job ? [...events, scheduled(job, 'inspect', 'planned')] : events;
  }
  if (data.result.kind === 'inspect') {
    const { media } = data.result;
    const plan = planJob(media, attempt.job.request);
    events.push({ type: 'SourceInspected', data: { media } }, { type: 'JobPlanned', data: { plan } });
  }
  return [...events, ...advance(after(state, events))];
}
