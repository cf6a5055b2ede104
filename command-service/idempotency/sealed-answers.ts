import { deriveKey } from '@transcodeflow/shared/secrets/derive-key.ts';
import { seal, unseal } from '@transcodeflow/shared/secrets/seal.ts';
import { z } from 'zod';
import type { Answer, RequestId } from './requests.ts';

const Sealed = z.object({ sealed: z.string() });

/** How an answer is kept for those who ask again. */
export interface AnswerForm {
  store(id: RequestId, answer: Answer): Answer;
  restore(id: RequestId, stored: Answer): Answer;
}

/** As it is. */
export const plainAnswers: AnswerForm = { store: (_, answer) => answer, restore: (_, stored) => stored };

/**
 * With an encrypted body, for answers that carry a secret: whoever reads the database, or a copy of it, does not get it
 * without SECRET_KEY. Bound to the account and its Idempotency-Key, so that it cannot be moved to another one's row.
 */
export function sealedAnswers(secretKey: string): AnswerForm {
  const key = deriveKey(secretKey, 'idempotent answers');
  const context = (id: RequestId) => JSON.stringify([id.accountId, id.key]);
  return {
    store: (id, answer) => ({
      ...answer,
      body: { sealed: seal(key, JSON.stringify(answer.body), context(id)) },
    }),
    restore: (id, stored) => ({
      ...stored,
      body: JSON.parse(unseal(key, Sealed.parse(stored.body).sealed, context(id))),
    }),
  };
}
