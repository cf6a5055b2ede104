import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '@transcodeflow/shared/cache/cache.ts';
import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { Change } from '@transcodeflow/shared/read-model/channel.ts';
import { createJobCache, JOB_TTL_MS } from '@transcodeflow/shared/read-model/job-cache.ts';
import { LRUCache } from 'lru-cache';
import type { ReadModel } from './read-model.ts';

const REMEMBERED_CHANGES = 100_000;
/** A job this young may be accepted and not yet projected: its absence is asked about again for a moment. */
const YOUNG_MS = 10_000;
const LONGEST_WAIT_MS = 2_000;
const LONGEST_PAUSE_MS = 100;

export interface JobReader {
  /**
   * @param atLeast waits until the job has reached this revision, at most 2 s; then answers what there is
   */
  get(jobId: string, atLeast?: number): Promise<JobDocument | undefined>;
  /** Whether there is such a job, accepted by a command and not projected yet. */
  isAccepted(jobId: string): Promise<boolean>;
  changed(change: Change): void;
  /** Changes may have been missed. */
  forget(): void;
}

/**
 * A job's document from the cache or from Postgres, never older than what a client was told or than the last change
 * heard of: commands outdate the cache before they answer, and projections tell of every other change. The cache is
 * asked only once everything in it was written after this process began to listen, since earlier changes went unheard.
 * @param listening whether changes are heard of right now; while not, only Postgres is asked
 */
export function createJobReader(readModel: ReadModel, cache: Cache, listening: () => boolean): JobReader {
  const jobs = createJobCache(cache);
  const latest = new LRUCache<string, number>({
    max: REMEMBERED_CHANGES,
    ttl: 2 * JOB_TTL_MS,
    ttlAutopurge: true,
  });
  let trustCacheFrom = performance.now() + JOB_TTL_MS;
  const isCurrent = (document: JobDocument) => document.revision >= (latest.get(document.job_id) ?? 0);

  async function read(jobId: string, atLeast: number): Promise<JobDocument | undefined> {
    if (listening() && performance.now() >= trustCacheFrom) {
      const cached = await jobs.get(jobId);
      if (cached && isCurrent(cached) && cached.revision >= atLeast) return cached;
    }
    const document = await readModel.job(jobId);
    if (document && isCurrent(document)) void jobs.put(document);
    return document;
  }

  return {
    async get(jobId, atLeast = 1) {
      const deadline = Date.now() + LONGEST_WAIT_MS;
      for (let pause = 5; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
        const document = await read(jobId, atLeast);
        const mayCome = document ? document.revision < atLeast : isYoung(jobId);
        if (!mayCome || Date.now() > deadline) return document;
        await sleep(pause);
      }
    },
    isAccepted: jobs.isKnown,
    changed([jobId, revision]) {
      latest.set(jobId, Math.max(revision, latest.get(jobId) ?? 0));
    },
    forget() {
      trustCacheFrom = performance.now() + JOB_TTL_MS;
    },
  };
}

/** The first 48 bits of a UUIDv7 are its milliseconds since 1970 (RFC 9562, section 5.7). */
function isYoung(jobId: string): boolean {
  const madeAt = Number.parseInt(jobId.replaceAll('-', '').slice(0, 12), 16);
  return jobId[14] === '7' && Math.abs(Date.now() - madeAt) < YOUNG_MS;
}
