import { accountEventFromStored } from '@transcodeflow/shared/contracts/account-event-envelope.ts';
import { jobEventFromStored } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { isAccountStream, jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { transaction } from '@transcodeflow/shared/database/transaction.ts';
import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import { applyAccounts } from './apply-accounts.ts';
import { applyJobs } from './apply-jobs.ts';

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
  let read = 0;
  for (let after = 0n; ; ) {
    const page = await source.readAll(after, PAGE, frontier);
    const last = page.at(-1);
    if (!last) break;
    await transaction(pool, async (client) => {
      await applyJobs(
        client,
        page
          .filter(({ stream }) => stream.startsWith(JOB_STREAM))
          .map((stored) => ({ ...jobEventFromStored(stored), position: stored.position })),
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
