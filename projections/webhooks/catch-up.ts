import { accountEventFromStored } from '@transcodeflow/shared/contracts/account-event-envelope.ts';
import { jobEventFromStored } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { isAccountStream, jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { transaction } from '@transcodeflow/shared/database/transaction.ts';
import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import { applyAccounts } from './apply-accounts.ts';
import { applyJobs } from './apply-jobs.ts';
import { EVENTS_KEPT_MS } from './retention.ts';
import { ENDPOINTS_LOCK } from './tell-endpoints.ts';

const PAGE = 2_000;
const JOB_STREAM = jobStream('');

/**
 * Reads everything there is in the event store, once. What it breaks off in the middle of begins again: the same
 * guards that make repeated messages harmless make this harmless.
 */
export async function catchUp(
  pool: Pool,
  source: Pick<EventStore, 'readAll' | 'frontier'>,
  log: Logger,
): Promise<void> {
  const frontier = await source.frontier();
  // What is older is removed at once: see retention.ts.
  const tellableFrom = new Date(Date.now() - EVENTS_KEPT_MS);
  let read = 0;
  for (let after = 0n; ; ) {
    const page = await source.readAll(after, PAGE, frontier);
    const last = page.at(-1);
    if (!last) break;
    await transaction(pool, async (client) => {
      // At once alone, as whoever changes endpoints: two that begin together would wait for each other.
      await client.query(`select pg_advisory_xact_lock(${ENDPOINTS_LOCK})`);
      await applyJobs(
        client,
        page
          .filter(({ stream }) => stream.startsWith(JOB_STREAM))
          .map((stored) => ({ ...jobEventFromStored(stored), position: stored.position })),
        tellableFrom,
      );
      await applyAccounts(
        client,
        page
          .filter(({ stream }) => isAccountStream(stream))
          .map((stored) => ({ ...accountEventFromStored(stored), position: stored.position })),
      );
    });
    read += page.length;
    after = last.position;
  }
  if (read > 0) log.info({ events: read }, 'webhooks know the jobs of before');
}
