import type { Readable } from 'node:stream';
import type { SafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import { SafeFetchError } from '@transcodeflow/shared/net/safe-fetch-error.ts';
import { accountWebhookSecret } from '@transcodeflow/shared/secrets/account-webhook-secret.ts';
import { webhookSecret } from '@transcodeflow/shared/secrets/webhook-secret.ts';
import { Webhook } from 'standardwebhooks';
import type { Claimed } from './deliveries.ts';
import { retryAfterMs } from './retry-after.ts';

const TIMEOUT_MS = 15_000;
const MOST_RESPONSE_BYTES = 1_024;

/** What the receiver said; without a status code it said nothing. */
export interface Reply {
  statusCode?: number;
  error?: string;
  response?: string;
  retryAfterMs?: number | undefined;
}

/**
 * Sends one attempt, signed as Standard Webhooks: `webhook-id` is the event's id, the same at each attempt. Redirects
 * are not followed; at most 1 KiB of the answer is read.
 * @throws the signal's reason
 */
export async function send(
  { delivery_id, endpoint_id, account_id, event_id, url, payload, attempts }: Claimed,
  { fetch, secretKey, signal }: { fetch: SafeFetch; secretKey: string; signal: AbortSignal },
): Promise<Reply> {
  const now = new Date();
  const webhook = new Webhook(
    endpoint_id === null
      ? accountWebhookSecret(secretKey, account_id)
      : webhookSecret(secretKey, endpoint_id),
  );
  try {
    const { status, headers, body } = await fetch.fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'TranscodeFlow-Webhooks/1.0',
        'webhook-id': event_id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': webhook.sign(event_id, now, payload),
        'transcodeflow-delivery': delivery_id,
        'transcodeflow-attempt': String(attempts),
      },
      body: payload,
      answerMs: TIMEOUT_MS,
      totalMs: TIMEOUT_MS,
      signal,
    });
    return {
      statusCode: status,
      response: await beginningOf(body),
      retryAfterMs: retryAfterMs(headers['retry-after']),
    };
  } catch (error) {
    if (error instanceof SafeFetchError) return { error: error.message };
    throw error;
  }
}

/** The status has been said: however the body ends, the attempt is decided. */
async function beginningOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_RESPONSE_BYTES) break;
    }
  } catch {
    // What came until then is kept.
  } finally {
    body.destroy();
  }
  // PostgreSQL's text holds no NUL.
  return Buffer.concat(chunks).subarray(0, MOST_RESPONSE_BYTES).toString('utf8').replaceAll('\0', '');
}
