import { parseJobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { jobIdOf } from '@transcodeflow/shared/contracts/routing.ts';
import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { Client, DatabaseError } from 'pg';
import { requestedBytes } from '../job/source.ts';

const PAGE = 1_000;

/**
 * Counts the jobs of a database that is older than the accounting, once, from the event store and before anything else
 * is counted. May be broken off and repeated: a job that is counted already stays as it is.
 */
export async function countOlderJobs(url: string, store: EventStore, log: Logger): Promise<void> {
  // Not from a pool, whose statements may not wait as long as another instance needs.
  const client = new Client({ connectionString: url, application_name: 'transcodeflow storage backfill' });
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtext('transcodeflow storage backfill'))`);
    const { rowCount } = await client.query('select from storage.backfill');
    if (rowCount !== 0) return;
    const jobs = await countAll(client, store, log);
    await client.query('insert into storage.backfill default values');
    if (jobs > 0) log.info({ jobs }, 'counted the bytes of older jobs');
  } finally {
    await client.end();
  }
}

/** In single statements: the sums' row would be written once for each job within one transaction otherwise. */
async function countAll(client: Client, store: EventStore, log: Logger): Promise<number> {
  const end = await store.frontier();
  let [jobs, after] = [0, 0n];
  while (after < end) {
    const events = await store.readAll(after, PAGE, end);
    for (const { stream, type, data, version } of events) {
      if (type !== 'JobRequested' && type !== 'JobDeleted') continue;
      const id = jobIdOf(stream);
      try {
        const event = parseJobEvent(type, data, version);
        if (event.type === 'JobRequested') jobs += await add(client, id, event.data);
        else await client.query('delete from storage.holder where id = $1', [id]);
      } catch (error) {
        if (error instanceof DatabaseError) throw error;
        log.warn({ err: error, job_id: id }, 'a job whose events are damaged is not counted');
      }
    }
    after = events.at(-1)?.position ?? end;
  }
  return jobs;
}

async function add(
  client: Client,
  jobId: string,
  request: Parameters<typeof requestedBytes>[0] & { account_id: string },
): Promise<number> {
  const { rowCount } = await client.query(
    `insert into storage.holder (id, kind, account_id, bytes) values ($1, 'job', $2, $3) on conflict do nothing`,
    [jobId, request.account_id, requestedBytes(request)],
  );
  return rowCount ?? 0;
}
