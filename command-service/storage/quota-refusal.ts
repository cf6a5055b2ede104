import { AppError } from '@transcodeflow/shared/errors.ts';
import { DatabaseError } from 'pg';
import { z } from 'zod';

/** Raised by the function `storage.count_bytes`. */
const QUOTA_EXCEEDED = 'TFQ01';
const Figures = z.object({ held: z.number(), asked: z.number(), quota: z.number() });

/** The database's word that a quota would be exceeded, for the client; every other error as it is. */
export function asQuotaRefusal(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.code !== QUOTA_EXCEEDED) return error;
  const { held, asked, quota } = Figures.parse(JSON.parse(error.detail ?? ''));
  return new AppError(
    'quota_exceeded',
    `${held} of your ${quota} bytes are taken, and this upload needs ${asked} more; delete jobs or use a smaller file`,
    { cause: error },
  );
}
