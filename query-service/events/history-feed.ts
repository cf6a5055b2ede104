import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { HistoryRow, HistoryRows } from './history-rows.ts';

export interface Listener {
  accountId: string;
  /** Only of this job. */
  jobId?: string;
  /** In order; must not throw. */
  onRow(row: HistoryRow): void;
}

export interface HistoryFeed {
  /**
   * From now on the listener hears of every row.
   * @returns the position after which it does: everything up to it is there to be read
   */
  join(listener: Listener): Promise<number>;
  leave(listener: Listener): void;
  /** Who listens to this job, by itself or to all of its account. */
  listeners(accountId: string, jobId: string): Iterable<Listener>;
  /** Nobody listens. */
  readonly idle: boolean;
  /** There may be new rows. */
  wake(): void;
  close(): Promise<void>;
}

const PAGE = 500;
/** Rows are told of by notifications; should one be lost, nobody waits longer than this. */
const ASK_ANYWAY_MS = 5_000;

/** One reader of new rows for however many listeners. While there are none nothing is read. */
export function createHistoryFeed(
  rows: Pick<HistoryRows, 'frontier' | 'after'>,
  log: Logger,
  askAnywayMs: number = ASK_ANYWAY_MS,
): HistoryFeed {
  const byAccount = new Map<string, Set<Listener>>();
  const byJob = new Map<string, Set<Listener>>();
  /** Up to here every row was told; undefined while nobody listens. */
  let told: number | undefined;
  let joining = 0;
  let reading: Promise<void> | undefined;
  let again = false;
  let closed = false;

  const placeOf = ({ accountId, jobId }: Listener) =>
    jobId === undefined ? ([byAccount, accountId] as const) : ([byJob, jobId] as const);
  function* listeners(accountId: string, jobId: string): Iterable<Listener> {
    yield* byAccount.get(accountId) ?? [];
    yield* byJob.get(jobId) ?? [];
  }

  const isIdle = () => byAccount.size === 0 && byJob.size === 0;

  async function readNew(): Promise<void> {
    do {
      again = false;
      for (;;) {
        if (isIdle() && joining === 0) told = undefined;
        if (told === undefined || closed) return;
        const page = await rows.after(told, PAGE);
        for (const row of page)
          for (const listener of [...listeners(row.account_id, row.job_id)]) listener.onRow(row);
        told = page.at(-1)?.position ?? told;
        if (page.length < PAGE) break;
      }
    } while (again);
  }

  function wake(): void {
    again = true;
    reading ??= readNew()
      .catch((error: unknown) => log.warn({ err: error }, 'cannot read new events; trying again'))
      .finally(() => {
        reading = undefined;
        if (again && !closed) wake();
      });
  }
  const timer = setInterval(wake, askAnywayMs);
  timer.unref();

  return {
    async join(listener) {
      joining += 1;
      try {
        if (told === undefined) {
          const frontier = await rows.frontier();
          // Whoever asked at the same time may have been faster, and rows told since then.
          told ??= frontier;
          wake();
        }
        const [map, key] = placeOf(listener);
        map.set(key, (map.get(key) ?? new Set()).add(listener));
        return told;
      } finally {
        joining -= 1;
      }
    },
    leave(listener) {
      const [map, key] = placeOf(listener);
      const set = map.get(key);
      set?.delete(listener);
      if (set?.size === 0) map.delete(key);
    },
    listeners,
    get idle() {
      return isIdle();
    },
    wake,
    async close() {
      closed = true;
      clearInterval(timer);
      await reading;
    },
  };
}
