import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { z } from 'zod';
import { type Attempt, once } from '../idempotency/once.ts';
import type { ClientCommand } from '../job/commands.ts';
import { heldBytes } from '../job/source.ts';
import { holdForRetry } from '../job-sources/hold-for-retry.ts';
import type { RouteDependencies } from './dependencies.ts';

type Change = (by: string) => Exclude<ClientCommand, { type: 'RequestJob' }>;

/** A route that changes one job of the caller's and answers when the query side shows it. */
const changeJob =
  (change: Change, answer: (jobId: string) => object, setAside?: typeof holdForRetry) =>
  ({ commands, requests, visibility, reservations }: RouteDependencies) =>
  async (ctx: AppContext & { params: Record<string, string | undefined> }): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'write');
    const id = z.uuid().safeParse(ctx.params.id);
    if (!id.success) throw new AppError('job_not_found', 'There is no job with this id');
    const { state: before } = await commands.load(id.data);
    if (before && before.request.account_id !== identity.account_id)
      throw new AppError('job_of_another_account', 'This job belongs to another account');
    const work = async ({ identify }: Attempt) => {
      await identify(ctx.path);
      const held = await setAside?.(reservations, id.data, before, identity);
      const { state, revision } = await commands
        .execute(id.data, change(identity.key_id), { correlation_id: ctx.state.requestId })
        .catch(async (error: unknown) => {
          await held?.reservation.release();
          throw error;
        });
      await held?.reservation.settle(held.bytes);
      // For the client who uploads next; should it fail, the sweeper does it with the objects.
      if (state && heldBytes(state) === undefined)
        await reservations
          .release(id.data)
          .catch((err: unknown) => ctx.state.log.warn({ err }, 'not released yet'));
      await visibility.waitFor(id.data, revision);
      return { status: 200, headers: {}, body: answer(id.data) };
    };
    await once(ctx, { requests, identity, work, fingerprint: async () => ctx.path });
  };

export const cancelJob = changeJob(
  (by) => ({ type: 'CancelJob', data: { by } }),
  (job_id) => ({ job_id, status: 'cancelled' }),
);
export const retryJob = changeJob(
  (by) => ({ type: 'RetryJob', data: { by } }),
  (job_id) => ({ job_id, status: 'queued' }),
  holdForRetry,
);
export const deleteJob = changeJob(
  (by) => ({ type: 'DeleteJob', data: { by } }),
  (job_id) => ({ job_id, deleted: true }),
);
