import type { JobStatus } from '@transcodeflow/shared/contracts/job-document.ts';
import { lifecycleEvents, webhookEventName } from '@transcodeflow/shared/contracts/webhook-events.ts';
import type { PoolClient } from 'pg';
import { isNext } from '../projector/revision-guard.ts';
import type { JobEventAt } from './at-position.ts';
import { payloadOf } from './payload.ts';
import { statusAfter } from './status-after.ts';
import { ENDPOINTS_LOCK, tellEndpoints } from './tell-endpoints.ts';

interface JobRow {
  job_id: string;
  account_id: string;
  revision: number;
  status: JobStatus;
  filename: string;
  metadata: Record<string, string>;
  webhook_url: string | null;
}

/**
 * Turns jobs' events into deliveries, in the caller's transaction.
 * @param tellableFrom what happened before is told to nobody, only what became of the jobs is kept
 * @throws {RevisionGapError}
 */
export async function applyJobs(
  client: PoolClient,
  events: readonly JobEventAt[],
  tellableFrom = new Date(0),
): Promise<void> {
  if (events.length === 0) return;
  await client.query(`select pg_advisory_xact_lock_shared(${ENDPOINTS_LOCK})`);
  const { rows } = await client.query<JobRow>('select * from webhook.job where job_id = any($1::uuid[])', [
    [...new Set(events.map(({ job_id }) => job_id))],
  ]);
  const jobs = new Map(rows.map((row) => [row.job_id, row]));
  const changed = new Map<string, JobRow>();
  const told: { event: JobEventAt; job: JobRow; payload: string }[] = [];
  for (const event of events) {
    const before = jobs.get(event.job_id);
    if (!isNext('webhooks', before?.revision ?? 0, event)) continue;
    const job = after(before, event);
    jobs.set(event.job_id, job);
    changed.set(event.job_id, job);
    if (Date.parse(event.time) >= tellableFrom.getTime())
      told.push({ event, job, payload: payloadOf(event, job) });
  }
  await keepJobs(client, [...changed.values()]);
  if (told.length === 0) return;
  await client.query(
    `insert into webhook.event (event_id, account_id, job_id, name, position, time, payload)
     select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::bigint[], $6::timestamptz[], $7::text[])
     on conflict (event_id) do nothing`,
    [
      told.map(({ event }) => event.id),
      told.map(({ job }) => job.account_id),
      told.map(({ job }) => job.job_id),
      told.map(({ event }) => webhookEventName(event.event.type)),
      told.map(({ event }) => event.position.toString()),
      told.map(({ event }) => event.time),
      told.map(({ payload }) => payload),
    ],
  );
  await client.query(tellEndpoints('event.event_id = any($1::uuid[])'), [told.map(({ event }) => event.id)]);
  await tellOwnUrls(
    client,
    told.flatMap(({ event, job }) => {
      const url = job.webhook_url === null ? null : URL.parse(job.webhook_url);
      const isWanted = lifecycleEvents.includes(webhookEventName(event.event.type));
      return url && isWanted ? { event_id: event.id, job, lane: `${job.account_id} ${url.origin}` } : [];
    }),
  );
}

function after(before: JobRow | undefined, { job_id, revision, event }: JobEventAt): JobRow {
  if (event.type === 'JobRequested') {
    const { account_id, filename, metadata, webhook } = event.data;
    const webhook_url = webhook?.url ?? null;
    return { job_id, account_id, revision, status: 'queued', filename, metadata, webhook_url };
  }
  if (!before) throw new Error(`Job ${job_id}: ${event.type} before JobRequested`);
  return { ...before, revision, status: statusAfter(before.status, event.type) };
}

async function keepJobs(client: PoolClient, jobs: readonly JobRow[]): Promise<void> {
  if (jobs.length === 0) return;
  await client.query(
    `insert into webhook.job (job_id, account_id, revision, status, filename, metadata, webhook_url)
     select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::json[], $7::text[])
     on conflict (job_id) do update set revision = excluded.revision, status = excluded.status
     where job.revision < excluded.revision`,
    [
      jobs.map((job) => job.job_id),
      jobs.map((job) => job.account_id),
      jobs.map((job) => job.revision),
      jobs.map((job) => job.status),
      jobs.map((job) => job.filename),
      jobs.map((job) => JSON.stringify(job.metadata)),
      jobs.map((job) => job.webhook_url),
    ],
  );
}

async function tellOwnUrls(
  client: PoolClient,
  told: readonly { event_id: string; job: JobRow; lane: string }[],
): Promise<void> {
  if (told.length === 0) return;
  await client.query(
    `insert into webhook.delivery (event_id, target, account_id, job_id, url, lane)
     select event_id, 'job', account_id, job_id, url, lane
     from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[])
       as told (event_id, account_id, job_id, url, lane)
     where account_id not in (select account_id from webhook.revoked_account)
     on conflict (event_id, target) do nothing`,
    [
      told.map(({ event_id }) => event_id),
      told.map(({ job }) => job.account_id),
      told.map(({ job }) => job.job_id),
      told.map(({ job }) => job.webhook_url),
      told.map(({ lane }) => lane),
    ],
  );
}
