import type { Bus, Subscription } from '@transcodeflow/shared/bus/bus.ts';
import { jobEventFrom } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import type { DeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { jobPrefix } from '@transcodeflow/shared/objects/keys.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { CommandHandler } from '../command-handler.ts';
import { heldBytes } from '../job/source.ts';
import { isOpen, type JobState } from '../job/state.ts';
import type { Reservations } from '../storage/reservations.ts';
import { namedObjects } from './named-objects.ts';

const ENDS = new Set(['JobCompleted', 'JobFailed', 'JobCancelled', 'JobDeleted']);

/**
 * Removes what a job that has ended does not name: objects of attempts that were lost, refused or cancelled; of a deleted
 * job all of them. Then the job counts for what it still stores, which is nothing once it is deleted.
 */
export function startSweeper({
  bus,
  commands,
  objects,
  reservations,
  deadLetters,
  log,
}: {
  bus: Bus;
  commands: CommandHandler;
  objects: ObjectStore;
  reservations: Pick<Reservations, 'release' | 'correct'>;
  deadLetters: DeadLetters;
  log: Logger;
}): Promise<Subscription> {
  return bus.subscribe({
    group: 'sweeper',
    topics: [topics.jobs],
    handler: deadLetters.guard('sweeper', async (message) => {
      const { job_id, event } = jobEventFrom(message);
      if (ENDS.has(event.type)) await sweep(job_id);
      else if (event.type === 'TaskSucceeded' && event.data.kind === 'ingest')
        await count(job_id, (await commands.load(job_id)).state);
    }),
  });

  async function sweep(jobId: string): Promise<void> {
    // Listed before the state is read: what a retry writes after that is not on the list.
    const listed: string[] = [];
    for await (const { key } of objects.list(jobPrefix(jobId))) listed.push(key);
    const { state } = await commands.load(jobId);
    if (state && isOpen(state)) return;
    const isNamed = namedObjects(jobId, state);
    const leftovers = listed.filter((key) => !isNamed(key));
    if (leftovers.length > 0) {
      await objects.remove(leftovers);
      log.info({ job_id: jobId, objects: leftovers.length }, 'swept leftovers');
    }
    await count(jobId, state);
  }

  /** By the job's id, so that a message that comes again gives nothing back twice. */
  async function count(jobId: string, state: JobState): Promise<void> {
    if (!state || state.status === 'deleted') return reservations.release(jobId);
    // What was uploaded was settled with the job and does not change.
    if ('key' in state.request.source) return;
    // Asked again under the lock: a retry may be setting bytes aside for the source again.
    await reservations.correct(jobId, async () => {
      const { state: now } = await commands.load(jobId);
      return now && heldBytes(now);
    });
  }
}
