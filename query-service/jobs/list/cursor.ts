import { SortKey } from '@transcodeflow/shared/contracts/rest/job-list.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { z } from 'zod';

const Cursor = z.strictObject({
  /** Of the list that it belongs to. */
  sort: SortKey,
  descending: z.boolean(),
  /** The row that it stands at: its sort value and its id. */
  value: z.string().max(1_000),
  id: z.uuid(),
  /** Which side of that row is wanted. */
  side: z.enum(['after', 'before']),
});
/** A place in a sorted list that stays right while rows come and go before it. */
export type Cursor = z.infer<typeof Cursor>;

export const encodeCursor = (cursor: Cursor): string =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** What a client made up is at worst a place in its own list: the values are parameters, the account is not among them. */
export function decodeCursor(text: string): Cursor {
  try {
    const cursor = Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (isValueOf(cursor)) return cursor;
  } catch {
    // Told below.
  }
  const message = 'must be one that an earlier answer named';
  throw new AppError('invalid_request', `cursor: ${message}`, { fields: { cursor: message } });
}

function isValueOf({ sort, value }: Cursor): boolean {
  if (value.includes('\0')) return false;
  if (sort === 'size') return /^\d{1,15}$/.test(value);
  if (sort === 'created_at' || sort === 'updated_at') return z.iso.datetime().safeParse(value).success;
  return true;
}
