import { setTimeout as sleep } from 'node:timers/promises';
import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { type Moment, until } from './moment.ts';
import type { HistoryEntry, ReadModel } from './read-model.ts';

const LONGEST_WAIT_MS = 2_000;

/**
 * A job's events up to a moment, or all. Jobs and history are read models of their own: the history is waited for until
 * it has what the job's document, which the client may have seen, already shows.
 * @throws {AppError} 404 for a moment before the job existed or a revision that is yet to come, 503 for a revision that
 *   the history does not reach in time
 */
export async function readHistory(
  readModel: ReadModel,
  { job_id, revision: known }: JobDocument,
  moment?: Moment,
): Promise<HistoryEntry[]> {
  const wanted = moment && 'revision' in moment ? moment.revision : known;
  if (wanted > known)
    throw new AppError('job_not_found', `The job has no revision ${wanted} yet: it is at ${known}`);
  const deadline = Date.now() + LONGEST_WAIT_MS;
  for (let pause = 5; ; pause = Math.min(2 * pause, 100)) {
    const history = await readModel.history(job_id);
    const reached = history.at(-1)?.revision ?? 0;
    if (reached < wanted && Date.now() <= deadline) {
      await sleep(pause);
      continue;
    }
    if (reached < wanted && moment && 'revision' in moment)
      throw new AppError(
        'unavailable',
        `The job's history has not reached revision ${wanted} yet: try again`,
      );
    const events = moment ? until(history, moment) : history;
    if (moment && events.length === 0)
      throw new AppError('job_not_found', 'The job did not exist yet at this moment');
    return events;
  }
}
