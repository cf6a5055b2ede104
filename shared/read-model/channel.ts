import { z } from 'zod';

/**
 * PostgreSQL notifications by which the projections tell which jobs changed, sent in the transaction that changed
 * them: they arrive after its commit, never before, and need no Redis.
 */
export const READ_MODEL_CHANNEL = 'transcodeflow_read_model';

const Change = z.tuple([z.uuid(), z.number().int().positive()]);
/** A job and the revision that its read model has now reached. */
export type Change = z.infer<typeof Change>;

/** A notification holds at most 8000 bytes: 100 changes take about 4700. */
const CHANGES_PER_NOTICE = 100;

export function encodeChanges(changes: readonly Change[]): string[] {
  const notices: string[] = [];
  for (let start = 0; start < changes.length; start += CHANGES_PER_NOTICE)
    notices.push(JSON.stringify(changes.slice(start, start + CHANGES_PER_NOTICE)));
  return notices;
}

/** @throws {z.ZodError | SyntaxError} */
export const decodeChanges = (payload: string): Change[] => z.array(Change).parse(JSON.parse(payload));
