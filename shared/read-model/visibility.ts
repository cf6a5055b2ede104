import type { Cache } from '../cache/cache.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type ReadModelName, readModels } from './channel.ts';
import { createJobCache } from './job-cache.ts';
import { listenToReadModel } from './listen.ts';

/** Lets a command's answer wait until the query side shows what it did. */
export interface Visibility {
  /**
   * Resolves when every read model has reached the job's revision and no cache shows an older one, or after the
   * bounded wait.
   * @returns whether it is known to be visible
   */
  waitFor(jobId: string, revision: number): Promise<boolean>;
  close(): Promise<void>;
}

const LONGEST_WAIT_MS = 3_000;
/** Changes heard of lately: the read models are often ahead of the command that asks. */
const REMEMBERED = 10_000;

type Reached = Partial<Record<ReadModelName, number>>;

export async function openVisibility(url: string, cache: Cache, log: Logger): Promise<Visibility> {
  const jobs = createJobCache(cache);
  const reached = new Map<string, Reached>();
  const waiting = new Map<string, Set<() => void>>();
  const listener = await listenToReadModel({
    url,
    log,
    onChange: (readModel, [jobId, revision]) => {
      const before = reached.get(jobId);
      reached.delete(jobId);
      reached.set(jobId, { ...before, [readModel]: Math.max(revision, before?.[readModel] ?? 0) });
      const [oldest] = reached.keys();
      if (reached.size > REMEMBERED && oldest !== undefined) reached.delete(oldest);
      for (const check of waiting.get(jobId) ?? []) check();
    },
  });

  const isReached = (jobId: string, revision: number) =>
    readModels.every((name) => (reached.get(jobId)?.[name] ?? 0) >= revision);

  async function waitFor(jobId: string, revision: number): Promise<boolean> {
    // Before the wait: whoever reads in between and puts an older document into the cache is refused.
    await jobs.outdate(jobId, revision);
    if (isReached(jobId, revision)) return true;
    return new Promise((resolve) => {
      const checks = waiting.get(jobId) ?? new Set();
      const done = (visible: boolean) => {
        clearTimeout(timer);
        checks.delete(check);
        if (checks.size === 0) waiting.delete(jobId);
        resolve(visible);
      };
      const check = () => {
        if (isReached(jobId, revision)) done(true);
      };
      const timer = setTimeout(() => done(false), LONGEST_WAIT_MS);
      waiting.set(jobId, checks.add(check));
    });
  }

  return { waitFor, close: () => listener.close() };
}
