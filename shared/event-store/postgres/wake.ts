import type { Pool } from 'pg';

/** Notified with the topics that have new outbox rows, comma-separated. */
export const OUTBOX_CHANNEL = 'transcodeflow_outbox';

/**
 * Tells the relay, wherever it runs, that there is something to publish. Not part of the append's transaction:
 * a notification takes a lock over the whole database at commit, which would make all appends queue. A lost one
 * costs the relay one interval of its polling. At most one is under way; what comes meanwhile shares the next.
 */
export function createWaker(pool: Pool): (topics: ReadonlySet<string>) => void {
  const waiting = new Set<string>();
  let sending = false;
  const send = async () => {
    sending = true;
    while (waiting.size > 0) {
      const payload = [...waiting].join(',');
      waiting.clear();
      await pool.query('select pg_notify($1, $2)', [OUTBOX_CHANNEL, payload]).catch(() => {});
    }
    sending = false;
  };
  return (topics) => {
    for (const topic of topics) waiting.add(topic);
    if (!sending) void send();
  };
}
