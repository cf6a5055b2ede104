import { type EventStream, eventFrame } from './event-stream.ts';
import type { HistoryFeed, Listener } from './history-feed.ts';
import type { HistoryRow, HistoryRows } from './history-rows.ts';

/** What is to be followed: a job after a revision, or all jobs of an account after a position. */
export type Followed =
  | { accountId: string; jobId: string; afterRevision: number }
  /** Without a position: from now on. */
  | { accountId: string; afterPosition: number | undefined };

/** After these a job's stream ends, as long as nothing follows. */
const FINAL = new Set(['JobCompleted', 'JobFailed', 'JobCancelled', 'JobDeleted']);
const PAGE = 50;
/** What may wait for a client that is behind. The rows are shared by all streams that wait for them. */
const MOST_WAITING = 2_000;
const MOST_WAITING_CHARACTERS = 4 * 1024 * 1024;

export interface Followers {
  feed: HistoryFeed;
  rows: Pick<HistoryRows, 'ofAccount' | 'ofJob'>;
  /** Streams that are up to date, and so may be told of progress. */
  live: WeakMap<Listener, EventStream>;
}

/**
 * Sends everything after the place that is named, then everything that happens, in order and exactly once: up to where
 * the feed stood when the stream joined it from the table, and what the feed has told since.
 * @returns once it has joined: nothing that becomes visible from now on is missed. What it returns does the sending, and
 *   resolves when the stream is up to date or ended
 */
export async function follow(
  stream: EventStream,
  followed: Followed,
  { feed, rows, live }: Followers,
): Promise<() => Promise<void>> {
  const jobId = 'jobId' in followed ? followed.jobId : undefined;
  const waiting: HistoryRow[] = [];
  let characters = 0;
  let revision = 'afterRevision' in followed ? followed.afterRevision : 0;
  let last: HistoryRow | undefined;
  /** Someone is sending: the table's rows first, then those that wait. */
  let sending = true;

  async function send(row: HistoryRow): Promise<void> {
    if (jobId !== undefined && row.revision <= revision) return;
    revision = row.revision;
    last = row;
    stream.send(eventFrame(row.type, row.json, jobId === undefined ? row.position : row.revision));
    if (stream.behind) await stream.drained();
  }

  async function sendWaiting(): Promise<void> {
    sending = true;
    for (let row = waiting.shift(); row && !stream.ended; row = waiting.shift()) {
      characters -= row.json.length;
      await send(row);
    }
    sending = false;
    if (jobId !== undefined && last && FINAL.has(last.type)) stream.end();
  }

  const listener: Listener = {
    accountId: followed.accountId,
    ...(jobId === undefined ? {} : { jobId }),
    onRow(row) {
      characters += row.json.length;
      if (waiting.push(row) > MOST_WAITING || characters > MOST_WAITING_CHARACTERS) stream.cutOff();
      else if (!sending) void sendWaiting();
    },
  };

  const upTo = await feed.join(listener);
  stream.onEnd(() => {
    feed.leave(listener);
    live.delete(listener);
    waiting.length = 0;
  });

  return async () => {
    let position = ('afterPosition' in followed ? followed.afterPosition : 0) ?? upTo;
    while (!stream.ended) {
      const page =
        jobId === undefined
          ? await rows.ofAccount(followed.accountId, position, upTo, PAGE)
          : await rows.ofJob(jobId, revision, upTo, PAGE);
      for (const row of page) await send(row);
      position = page.at(-1)?.position ?? position;
      if (page.length < PAGE) break;
    }
    await sendWaiting();
    if (!stream.ended) live.set(listener, stream);
  };
}
