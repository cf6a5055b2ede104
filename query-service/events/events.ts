import type { KeyRing } from '@transcodeflow/shared/http/api-keys.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import type { JobReader } from '../jobs/job-reader.ts';
import type { LiveProgress } from '../progress/live-progress.ts';
import type { EventStream } from './event-stream.ts';
import { type Followed, follow } from './follow.ts';
import { createHistoryFeed, type Listener } from './history-feed.ts';
import { createHistoryRows, type HistoryRows } from './history-rows.ts';
import { createOpenStreams, type OpenStreams } from './open-streams.ts';
import { sendProgress } from './progress-frames.ts';

export interface Events {
  streams: OpenStreams;
  rows: HistoryRows;
  follow(stream: EventStream, followed: Followed): ReturnType<typeof follow>;
  /** The history may have new rows. */
  wake(): void;
  close(): Promise<void>;
}

/** Everything that live events need: one reader of the history for all streams. */
export function openEvents({
  pool,
  keys,
  reader,
  heartbeats,
  log,
  heartbeatMs,
}: {
  pool: Pool;
  keys: KeyRing;
  reader: Pick<JobReader, 'get'>;
  heartbeats: LiveProgress;
  log: Logger;
  heartbeatMs?: number | undefined;
}): Events {
  const rows = createHistoryRows(pool);
  const feed = createHistoryFeed(rows, log);
  const live = new WeakMap<Listener, EventStream>();
  const streams = createOpenStreams(keys, log, heartbeatMs);
  const progress = sendProgress(heartbeats, { reader, feed, live, log });
  return {
    streams,
    rows,
    follow: (stream, followed) => follow(stream, followed, { feed, rows, live }),
    wake: feed.wake,
    async close() {
      streams.close();
      progress.close();
      await feed.close();
    },
  };
}
