import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@transcodeflow/shared/errors.ts';
import type { AppContext, Identity } from '@transcodeflow/shared/http/app-state.ts';
import { v7 as uuidv7 } from 'uuid';
import type { Answer, RequestId, Requests, StoredRequest } from './requests.ts';
import { type AnswerForm, plainAnswers } from './sealed-answers.ts';

const RENEW_MS = 10_000;
const POLL_MS = 50;
/** How long a twin waits for the first one's answer before it is told to come again. */
const LONGEST_WAIT_MS = 30_000;
/** Visible ASCII, as the header's draft (draft-ietf-httpapi-idempotency-key-header) suggests of keys. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** A request that is to have its effect once. */
export interface Attempt {
  /** For a job that the request makes: the same one however often it is tried. */
  jobId: string;
  /** Tells what was sent, before it has any effect. @throws {AppError} it is not what the key stands for */
  identify(fingerprint: string): Promise<void>;
}

export interface OnceOptions {
  requests: Requests;
  identity: Identity;
  work(attempt: Attempt): Promise<Answer>;
  /** Reads the body to its end, without an effect, and tells its fingerprint. */
  fingerprint(): Promise<string>;
  /** How the answer is kept. Default: as it is. */
  answers?: AnswerForm;
}

/**
 * Carries a POST out once per `Idempotency-Key`: the same key and content get the same answer for 24 hours, also after
 * a crash; another content is refused; of twins one works and the others wait for its answer. A refused request
 * leaves its key free. Without the header the request is simply carried out.
 */
export async function once(
  ctx: AppContext,
  { requests, identity, work, fingerprint, answers = plainAnswers }: OnceOptions,
): Promise<void> {
  const { 'idempotency-key': given } = ctx.headers;
  if (given === undefined) return send(ctx, await work({ jobId: uuidv7(), identify: async () => {} }));
  const key = String(given);
  if (!KEY.test(key))
    throw new AppError('invalid_request', 'Idempotency-Key must be 1 to 255 visible ASCII characters');
  const id: RequestId = { accountId: identity.account_id, key };
  const route = `${ctx.method} ${ctx.path}`;
  const owner = randomUUID();
  const claimed = await requests.claim(id, route, uuidv7(), owner);
  if (claimed.route !== route) throw mismatch();
  if (claimed.owner !== owner) return replay(ctx, { requests, answers, id, content: await fingerprint() });

  const renewing = setInterval(() => void requests.renew(id, owner).catch(() => {}), RENEW_MS);
  try {
    const answer = await work({
      jobId: claimed.job_id,
      identify: async (content) => {
        if (claimed.fingerprint !== null && claimed.fingerprint !== content) throw mismatch();
        await requests.setFingerprint(id, owner, content);
      },
    });
    await requests.setAnswer(id, owner, answers.store(id, answer));
    send(ctx, answer);
  } catch (error) {
    if (error instanceof AppError) await requests.release(id, owner);
    throw error;
  } finally {
    clearInterval(renewing);
  }
}

interface Repeated {
  requests: Requests;
  answers: AnswerForm;
  id: RequestId;
  content: string;
}

/** Waits for the answer of whoever was first. */
async function replay(ctx: AppContext, { requests, answers, id, content }: Repeated): Promise<void> {
  const deadline = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const request: StoredRequest | undefined = await requests.find(id);
    if (request?.fingerprint && request.fingerprint !== content) throw mismatch();
    if (request?.answer) {
      ctx.set('Idempotency-Replayed', 'true');
      return send(ctx, answers.restore(id, request.answer));
    }
    if (!request || Date.now() > deadline)
      throw new AppError(
        'request_in_progress',
        request
          ? 'The first request with this Idempotency-Key is still being worked on; ask again later'
          : 'The first request with this Idempotency-Key was refused; send it again',
      );
    await sleep(POLL_MS);
  }
}

const mismatch = () =>
  new AppError('idempotency_mismatch', 'This Idempotency-Key was used for a request with another content');

function send(ctx: AppContext, { status, headers, body }: Answer): void {
  ctx.status = status;
  ctx.set(headers);
  ctx.body = body;
}
