import { createHash } from 'node:crypto';
import { type CreatedWebhook, NewWebhook } from '@transcodeflow/shared/contracts/rest/webhooks.ts';
import { webhookStream } from '@transcodeflow/shared/contracts/routing.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { jsonBody } from '@transcodeflow/shared/http/json-body.ts';
import { webhookSecret } from '@transcodeflow/shared/secrets/webhook-secret.ts';
import { type Attempt, once } from '../../idempotency/once.ts';
import { sealedAnswers } from '../../idempotency/sealed-answers.ts';
import type { RouteDependencies } from '../dependencies.ts';

/** `POST /api/webhooks`: answered when the projections know it, with the secret that its messages are signed with. */
export const createWebhook =
  ({ webhooks, requests, visibility, secretKey }: RouteDependencies) =>
  async (ctx: AppContext): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'write');
    const wanted = await jsonBody(ctx, NewWebhook);
    webhooks.checkUrl(wanted.url, 'url', 'invalid_request');
    const fingerprint = createHash('sha256').update(JSON.stringify(wanted)).digest('hex');
    const { account_id, key_id } = identity;

    async function work({ jobId: id, identify }: Attempt) {
      await identify(fingerprint);
      const { revision } = await webhooks.endpoints.execute(
        account_id,
        { type: 'CreateEndpoint', data: { id, account_id, ...wanted, by: key_id } },
        { correlation_id: ctx.state.requestId },
      );
      await visibility.waitForReadModels(id, revision, ['webhooks']);
      const body: CreatedWebhook = {
        id,
        ...wanted,
        created_at: await webhooks.createdAt(webhookStream(account_id), id),
        secret: webhookSecret(secretKey, id),
      };
      return { status: 201, headers: { Location: `/api/webhooks/${id}` }, body };
    }

    const answers = sealedAnswers(secretKey);
    await once(ctx, { requests, identity, work, answers, fingerprint: async () => fingerprint });
  };
