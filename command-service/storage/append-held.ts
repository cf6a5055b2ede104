import { AppError } from '@transcodeflow/shared/errors.ts';
import type { EventMetadata } from '@transcodeflow/shared/event-store/event-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { CommandHandler, Executed } from '../command-handler.ts';
import type { ClientCommand } from '../job/commands.ts';
import { requestedBytes } from '../job/source.ts';
import type { Reservation } from './reservations.ts';

type RequestJob = Extract<ClientCommand, { type: 'RequestJob' }>;

/**
 * Appends the job whose bytes `reservation` holds, and settles them (pictures that uploads of their own hold are not among them). The row is claimed first: one that the
 * janitor has taken makes no job, and one that was claimed he leaves alone for the time of a lease. After a crash in
 * between he finds the job and settles in its place. Should this process have slept through the lease between claim
 * and append, the job that then has no source is deleted again.
 * @throws {AppError} upload_timed_out: there is no job then, and its objects are gone or about to go
 */
export async function appendHeld(
  { commands, log, bytes: counted }: { commands: CommandHandler; log: Logger; bytes?: number },
  reservation: Reservation,
  request: RequestJob,
  metadata: EventMetadata,
): Promise<Executed> {
  const { job_id, account_id } = request.data;
  const bytes = counted ?? requestedBytes(request.data);
  await reservation.grow(bytes);
  const executed = await commands.execute(job_id, request, metadata);
  try {
    await reservation.settle(bytes);
  } catch (error) {
    if (error instanceof AppError) {
      await commands.execute(job_id, { type: 'DeleteJob', data: { by: account_id } }, metadata);
      throw error;
    }
    log.warn({ err: error, job_id }, 'could not settle the bytes of a job; the janitor will');
  }
  return executed;
}
