import type { Cache } from '../cache/cache.ts';
import type { Logger } from '../telemetry/logger.ts';
import { jobReadModels, type ReadModelName } from './channel.ts';
import { createJobCache } from './job-cache.ts';
import { listenToReadModel } from './listen.ts';

/** Lets a command's answer wait until the query side shows what it did. */
export interface Visibility {
  /**
   * Resolves when every read model of jobs has reached the job's revision and no cache shows an older one, or after the
   * bounded wait.
   * @returns whether it is known to be visible
   */
  waitFor(jobId: string, revision: number): Promise<boolean>;
  /** The same of what is no job, in the read models that show it; no cache is asked. */
  waitForReadModels(id: string, revision: number, names: readonly ReadModelName[]): Promise<boolean>;
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
    onChange: (readModel, [id, revision]) => {
      const before = reached.get(id);
      reached.delete(id);
      reached.set(id, { ...before, [readModel]: Math.max(revision, before?.[readModel] ?? 0) });
      const [oldest] = reached.keys();
      if (reached.size > REMEMBERED && oldest !== undefined) reached.delete(oldest);
      for (const check of waiting.get(id) ?? []) check();
    },
  });

  async function waitFor(jobId: string, revision: number): Promise<boolean> {
    // Before the wait: whoever reads in between and puts an older document into the cache is refused.
    await jobs.outdate(jobId, revision);
    return waitForReadModels(jobId, revision, jobReadModels);
  }

  async function waitForReadModels(
    id: string,
    revision: number,
    names: readonly ReadModelName[],
  ): Promise<boolean> {
    const isReached = () => names.every((name) => (reached.get(id)?.[name] ?? 0) >= revision);
    if (isReached()) return true;
    return new Promise((resolve) => {
      const checks = waiting.get(id) ?? new Set();
      const done = (visible: boolean) => {
        clearTimeout(timer);
        checks.delete(check);
        if (checks.size === 0) waiting.delete(id);
        resolve(visible);
      };
      const check = () => {
        if (isReached()) done(true);
      };
      const timer = setTimeout(() => done(false), LONGEST_WAIT_MS);
      waiting.set(id, checks.add(check));
    });
  }

  return { waitFor, waitForReadModels, close: () => listener.close() };
}
