import type { Cache } from '../cache/cache.ts';
import { JobDocument } from '../contracts/job-document.ts';

/** How long a cache holds a document, and so how long a change must be remembered. */
export const JOB_TTL_MS = 30_000;

/**
 * How long it is remembered that a job changed, or that there is one: a job that was accepted while the bus is away is
 * known of for this long. What is remembered takes about 100 bytes.
 */
const OUTDATED_TTL_MS = 3_600_000;

const keyOf = (jobId: string): string => `job:${jobId}`;

/** Jobs' documents in the cache that command and query service share. */
export function createJobCache(cache: Cache) {
  return {
    async get(jobId: string): Promise<JobDocument | undefined> {
      const cached = await cache.get(keyOf(jobId));
      if (cached?.value === undefined) return undefined;
      return parse(cached.value);
    },
    put: (document: JobDocument): Promise<void> =>
      cache.set(
        keyOf(document.job_id),
        { revision: document.revision, value: JSON.stringify(document) },
        JOB_TTL_MS,
      ),
    /** From now on nothing below this revision is held or let in. */
    outdate: (jobId: string, revision: number): Promise<void> =>
      cache.set(keyOf(jobId), { revision }, OUTDATED_TTL_MS),
    /** Whether a command has told of this job, however little is known of it here. */
    isKnown: async (jobId: string): Promise<boolean> => (await cache.get(keyOf(jobId))) !== undefined,
  };
}

/** What another version wrote, or nobody can read, is as good as absent. */
function parse(text: string): JobDocument | undefined {
  try {
    return JobDocument.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
