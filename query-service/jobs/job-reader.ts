import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '@transcodeflow/shared/cache/cache.ts';
import { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { Change } from '@transcodeflow/shared/read-model/channel.ts';
import { LRUCache } from 'lru-cache';
import type { ReadModel } from './read-model.ts';

const CACHED_JOBS = 2_000;
/** How long Redis may hold a document, and so how long a change must be remembered. */
const TTL_MS = 30_000;
const REMEMBERED_CHANGES = 100_000;
/** A job this young may be accepted and not yet projected: its absence is asked about again for a moment. */
const YOUNG_MS = 10_000;
const LONGEST_WAIT_MS = 2_000;

export interface JobReader {
  get(jobId: string): Promise<JobDocument | undefined>;
  changed(change: Change): void;
  /** Changes may have been missed: what is held from before now counts for nothing. */
  forget(): void;
}

/**
 * A job's document from this process, from Redis or from Postgres, never older than the last change heard of. Redis
 * is asked only once everything in it was written after this process began to listen: earlier changes went unheard.
 * @param listening whether changes are heard of right now; while not, only Postgres is asked
 */
export function createJobReader(readModel: ReadModel, cache: Cache, listening: () => boolean): JobReader {
  const held = new LRUCache<string, JobDocument>({ max: CACHED_JOBS });
  const latest = new LRUCache<string, number>({ max: REMEMBERED_CHANGES, ttl: 2 * TTL_MS });
  let trustRedisFrom = performance.now() + TTL_MS;
  const isCurrent = (document: JobDocument) => document.revision >= (latest.get(document.job_id) ?? 0);

  async function fromCache(jobId: string): Promise<JobDocument | undefined> {
    if (performance.now() < trustRedisFrom) return undefined;
    const text = await cache.get(`job:${jobId}`);
    if (text === undefined) return undefined;
    const document = JobDocument.safeParse(JSON.parse(text));
    return document.success && isCurrent(document.data) ? document.data : undefined;
  }

  async function fromDatabase(jobId: string): Promise<JobDocument | undefined> {
    const document = await readModel.job(jobId);
    if (!document || !isCurrent(document)) return document;
    held.set(jobId, document);
    void cache.set(`job:${jobId}`, JSON.stringify(document), TTL_MS);
    return document;
  }

  async function get(jobId: string): Promise<JobDocument | undefined> {
    if (listening()) {
      const document = held.get(jobId);
      if (document && isCurrent(document)) return document;
      const cached = await fromCache(jobId);
      if (cached) {
        held.set(jobId, cached);
        return cached;
      }
    }
    return fromDatabase(jobId);
  }

  return {
    async get(jobId) {
      const deadline = Date.now() + LONGEST_WAIT_MS;
      for (let pause = 5; ; pause *= 2) {
        const document = await get(jobId);
        if (document || !isYoung(jobId) || Date.now() > deadline) return document;
        await sleep(pause);
      }
    },
    changed([jobId, revision]) {
      latest.set(jobId, revision);
    },
    forget() {
      held.clear();
      trustRedisFrom = performance.now() + TTL_MS;
    },
  };
}

/** The first 48 bits of a UUIDv7 are its milliseconds since 1970 (RFC 9562, section 5.7). */
function isYoung(jobId: string): boolean {
  const madeAt = Number.parseInt(jobId.replaceAll('-', '').slice(0, 12), 16);
  return jobId[14] === '7' && Math.abs(Date.now() - madeAt) < YOUNG_MS;
}
