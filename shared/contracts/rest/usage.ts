import { z } from 'zod';

const Bytes = z.number().int().nonnegative();

/** What the caller's API key stores, and may store. */
export const Usage = z
  .strictObject({
    used_bytes: Bytes.describe('Of the sources (with their thumbnails) of all jobs that are not deleted.'),
    reserved_bytes: Bytes.describe('Set aside for uploads under way, and of those that are no job yet.'),
    quota_bytes: Bytes.nullable().describe('null: no limit.'),
    available_bytes: Bytes.nullable().describe('What a new upload may have at most; null: no limit.'),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;
