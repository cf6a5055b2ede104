import { z } from 'zod';

/**
 * PostgreSQL notifications by which the projections tell which jobs and API keys changed, sent in the transaction that changed
 * them: they arrive after its commit, never before, and need no Redis.
 */
export const READ_MODEL_CHANNEL = 'transcodeflow_read_model';

/** The read models that show a job. */
export const jobReadModels = ['jobs', 'stats', 'history'] as const;
/** Every read model that the query service answers from. */
export const readModels = [...jobReadModels, 'api_keys', 'webhooks'] as const;
export type ReadModelName = (typeof readModels)[number];

const Change = z.tuple([z.uuid(), z.number().int().positive()]);
/** A job or an API key, and the revision that a read model has now reached. */
export type Change = z.infer<typeof Change>;

const Notice = z.object({ read_model: z.enum(readModels), changes: z.array(Change) });
export type Notice = z.infer<typeof Notice>;

/** A notification holds at most 8000 bytes: 100 changes take about 4700. */
const CHANGES_PER_NOTICE = 100;

export function encodeNotices(read_model: ReadModelName, changes: readonly Change[]): string[] {
  const notices: string[] = [];
  for (let start = 0; start < changes.length; start += CHANGES_PER_NOTICE)
    notices.push(JSON.stringify({ read_model, changes: changes.slice(start, start + CHANGES_PER_NOTICE) }));
  return notices;
}

/** @throws {z.ZodError | SyntaxError} */
export const decodeNotice = (payload: string): Notice => Notice.parse(JSON.parse(payload));
