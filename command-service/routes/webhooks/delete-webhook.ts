import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { z } from 'zod';
import { once } from '../../idempotency/once.ts';
import type { RouteDependencies } from '../dependencies.ts';

/** `DELETE /api/webhooks/{id}`: nothing more is sent, whatever was still to come. */
export const deleteWebhook =
  ({ webhooks, requests, visibility }: RouteDependencies) =>
  async (ctx: AppContext & { params: Record<string, string | undefined> }): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'write');
    const { account_id, key_id } = identity;
    const parsed = z.uuid().safeParse(ctx.params.id);
    if (!parsed.success) throw new AppError('webhook_not_found', 'There is no webhook with this id');
    const id = parsed.data.toLowerCase();
    const owner = await webhooks.known.accountOf(id);
    if (owner !== undefined && owner !== account_id)
      throw new AppError('webhook_of_another_account', 'This webhook belongs to another API key');

    await once(ctx, {
      requests,
      identity,
      fingerprint: async () => ctx.path,
      async work({ identify }) {
        await identify(ctx.path);
        const { revision } = await webhooks.endpoints.execute(
          account_id,
          { type: 'DeleteEndpoint', data: { id, account_id, by: key_id } },
          { correlation_id: ctx.state.requestId },
        );
        await visibility.waitForReadModels(id, revision, ['webhooks']);
        return { status: 200, headers: {}, body: { id, deleted: true } };
      },
    });
  };
