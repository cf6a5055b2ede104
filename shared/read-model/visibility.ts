import type { Logger } from '../telemetry/logger.ts';
import { listenToReadModel } from './listen.ts';

/** Lets a command's answer wait until the query side shows what it did. */
export interface Visibility {
  /**
   * Resolves when the job's read model has reached the revision, or after the bounded wait.
   * @returns whether it is known to be visible
   */
  waitFor(jobId: string, revision: number): Promise<boolean>;
  close(): Promise<void>;
}

const LONGEST_WAIT_MS = 3_000;
/** Changes heard of lately: the read model is often ahead of the command that asks. */
const REMEMBERED = 10_000;

export async function openVisibility(url: string, log: Logger): Promise<Visibility> {
  const reached = new Map<string, number>();
  const waiting = new Map<string, Set<() => void>>();
  const listener = await listenToReadModel({
    url,
    log,
    onChange: ([jobId, revision]) => {
      reached.delete(jobId);
      reached.set(jobId, revision);
      const [oldest] = reached.keys();
      if (reached.size > REMEMBERED && oldest !== undefined) reached.delete(oldest);
      for (const check of waiting.get(jobId) ?? []) check();
    },
  });

  const isReached = (jobId: string, revision: number) => (reached.get(jobId) ?? 0) >= revision;

  async function waitFor(jobId: string, revision: number): Promise<boolean> {
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
