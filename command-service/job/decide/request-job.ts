import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { Circumstances, ClientCommand } from '../commands.ts';
import type { JobState } from '../state.ts';
import { after, scheduled } from './advance.ts';

type Data = Extract<ClientCommand, { type: 'RequestJob' }>['data'];

/**
 * Inspection, or the fetching of a source by URL, is dispatched in the same append: there is no moment in which an
 * accepted job has nobody to care for it.
 */
export function requestJob(
  { job_id: _, ...request }: Data,
  state: JobState,
  { chunk_s }: Circumstances,
): JobEvent[] {
  if (state) return [];
  const requested: JobEvent = { type: 'JobRequested', data: { ...request, ...(chunk_s && { chunk_s }) } };
  const job = after(state, [requested]);
  const first = 'key' in request.source ? 'inspect' : 'ingest';
  return job ? [requested, scheduled(job, first, 'planned')] : [];
}
