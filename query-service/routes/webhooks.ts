import {
  type DeliveryList,
  DeliveryListQuery,
  type Webhook,
  type WebhookList,
  type WebhookSecret,
  WebhookSecretQuery,
} from '@transcodeflow/shared/contracts/rest/webhooks.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { Identity } from '@transcodeflow/shared/http/app-state.ts';
import { accountWebhookSecret } from '@transcodeflow/shared/secrets/account-webhook-secret.ts';
import { webhookSecret } from '@transcodeflow/shared/secrets/webhook-secret.ts';
import { z } from 'zod';
import type { WebhookReader } from '../webhooks/webhook-reader.ts';
import { answer } from './answer.ts';
import type { RouteDependencies } from './dependencies.ts';
import type { RouteContext } from './own-job.ts';
import { parseQuery } from './parse-query.ts';

/** `GET /api/webhooks` */
export const listWebhooks =
  ({ webhooks }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { account_id } = requireScope(ctx.state.identity, 'read');
    answer(ctx, { webhooks: await webhooks.list(account_id) } satisfies WebhookList);
  };

/** `GET /api/webhooks/{id}` */
export const getWebhook =
  ({ webhooks }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> =>
    answer(ctx, await ownWebhook(ctx.params.id, webhooks, requireScope(ctx.state.identity, 'read')));

/**
 * `GET /api/webhooks/secret?webhook_id`: of a webhook, or without one of the URLs that the account's jobs name
 * themselves. With it messages can be forged, so it is not for those who may only read.
 */
export const getWebhookSecret =
  ({ webhooks, secretKey }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'write');
    const { webhook_id } = parseQuery(WebhookSecretQuery, ctx.query);
    const secret = webhook_id
      ? webhookSecret(secretKey, (await ownWebhook(webhook_id, webhooks, identity)).id)
      : accountWebhookSecret(secretKey, identity.account_id);
    ctx.body = { secret } satisfies WebhookSecret;
  };

/** `GET /api/webhooks/deliveries?job_id&endpoint_id&status&page&per_page` */
export const listDeliveries =
  ({ webhooks }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { account_id } = requireScope(ctx.state.identity, 'read');
    const query = parseQuery(DeliveryListQuery, ctx.query);
    const { page, per_page } = query;
    const { deliveries, total } = await webhooks.deliveries(account_id, query);
    const total_pages = Math.ceil(total / per_page);
    answer(ctx, { deliveries, page, per_page, total, total_pages } satisfies DeliveryList);
  };

/** `GET /api/webhooks/deliveries/{id}` */
export const getDelivery =
  ({ webhooks }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { account_id } = requireScope(ctx.state.identity, 'read');
    const id = z.uuid().safeParse(ctx.params.id);
    const delivery = id.success ? await webhooks.delivery(id.data) : undefined;
    if (!delivery) throw new AppError('delivery_not_found', 'There is no delivery with this id');
    if (delivery.account_id !== account_id)
      throw new AppError('delivery_of_another_account', 'This delivery belongs to another API key');
    answer(ctx, delivery.found);
  };

/** @throws {AppError} 404 for a webhook that is not there, 403 for another account's */
async function ownWebhook(
  text: string | undefined,
  webhooks: WebhookReader,
  { account_id }: Identity,
): Promise<Webhook> {
  const id = z.uuid().safeParse(text);
  const webhook = id.success ? await webhooks.get(id.data) : undefined;
  if (!webhook) throw new AppError('webhook_not_found', 'There is no webhook with this id');
  if (webhook.account_id !== account_id)
    throw new AppError('webhook_of_another_account', 'This webhook belongs to another API key');
  return webhook.found;
}
