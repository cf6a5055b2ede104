import { createHash } from 'node:crypto';
import { newKeyText } from '@transcodeflow/shared/api-keys/key-text.ts';
import { type CreatedApiKey, NewApiKey } from '@transcodeflow/shared/contracts/rest/keys.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { jsonBody } from '@transcodeflow/shared/http/json-body.ts';
import { v7 as uuidv7 } from 'uuid';
import { type Attempt, once } from '../idempotency/once.ts';
import { sealedAnswers } from '../idempotency/sealed-answers.ts';
import type { RouteDependencies } from './dependencies.ts';

/** `POST /api/keys`: the one answer that has the key's text, when both services know the key. */
export const createApiKey = ({ apiKeys, requests, visibility, secretKey }: RouteDependencies) => {
  /**
   * Whoever carried this request out before and crashed has taken the text of its key along: that key is revoked, and
   * another one takes its place.
   */
  async function freshId(attemptId: string, by: string, correlation_id: string): Promise<string> {
    const { state } = await apiKeys.load(attemptId);
    if (!state) return attemptId;
    await apiKeys.execute(attemptId, { type: 'RevokeApiKey', data: { by } }, { correlation_id });
    return uuidv7();
  }

  async function issue(id: string, wanted: NewApiKey, by: string, correlation_id: string) {
    const { key, prefix, hash } = newKeyText();
    const { events, revision } = await apiKeys.execute(
      id,
      { type: 'CreateApiKey', data: { id, account_id: id, prefix, hash, ...wanted, by } },
      { correlation_id },
    );
    const [created] = events;
    // Another attempt at the same request made it meanwhile, with a text of its own.
    if (!created)
      throw new AppError('request_in_progress', 'This request is being worked on twice: send it again');
    await visibility.waitForReadModels(id, revision, ['api_keys']);
    const body: CreatedApiKey = { id, key, prefix, ...wanted, created_at: created.time };
    return { status: 201, headers: { Location: `/api/keys/${id}` }, body };
  }

  return async (ctx: AppContext): Promise<void> => {
    const identity = requireScope(ctx.state.identity, 'admin');
    const wanted = await jsonBody(ctx, NewApiKey);
    const fingerprint = createHash('sha256').update(JSON.stringify(wanted)).digest('hex');
    const work = async ({ jobId, identify }: Attempt) => {
      await identify(fingerprint);
      const { key_id } = identity;
      const id = await freshId(jobId, key_id, ctx.state.requestId);
      return issue(id, wanted, key_id, ctx.state.requestId);
    };
    // For 24 hours the answer to an Idempotency-Key is kept, the key's text with it.
    const answers = sealedAnswers(secretKey);
    await once(ctx, { requests, identity, work, answers, fingerprint: async () => fingerprint });
  };
};
