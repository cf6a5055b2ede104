import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { z } from 'zod';
import { once } from '../../idempotency/once.ts';
import type { RouteDependencies } from '../dependencies.ts';

/** `POST /api/webhooks/deliveries/{id}/redeliver`: another round of attempts, whatever came of the delivery. */
export const redeliver =
  ({ webhooks, requests, visibility }: RouteDependencies) =>
  async (ctx: AppContext & { params: Record<string, string | undefined> }): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'write');
    const { account_id, key_id } = identity;
    const parsed = z.uuid().safeParse(ctx.params.id);
    const delivery_id = parsed.data?.toLowerCase();
    const delivery = delivery_id && (await webhooks.known.delivery(delivery_id));
    if (!delivery || !delivery_id)
      throw new AppError('delivery_not_found', 'There is no delivery with this id');
    if (delivery.account_id !== account_id)
      throw new AppError('delivery_of_another_account', 'This delivery belongs to another API key');
    if (delivery.is_abandoned)
      throw new AppError('webhook_not_found', 'The webhook of this delivery was deleted');

    await once(ctx, {
      requests,
      identity,
      fingerprint: async () => ctx.path,
      async work({ identify }) {
        await identify(ctx.path);
        const { revision } = await webhooks.redeliveries.execute(
          delivery_id,
          { type: 'Redeliver', data: { delivery_id, account_id, by: key_id } },
          { correlation_id: ctx.state.requestId },
        );
        await visibility.waitForReadModels(delivery_id, revision, ['webhooks']);
        return { status: 202, headers: {}, body: { id: delivery_id, status: 'pending' } };
      },
    });
  };
