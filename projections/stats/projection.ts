import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import type { PoolClient } from 'pg';
import { jobEvents } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { isNext } from '../projector/revision-guard.ts';
import { evolve, type Share } from './evolve.ts';

/** Figures per account and status, kept as sums so that reading them never counts jobs. */
export const statsProjection: Projection<JobEventEnvelope> = {
  name: 'stats',
  version: 1,
  family: jobEvents,
  stream: jobStream,
  reached: (schema) => `select job_id as id, revision from ${schema}.stats_share`,
  table: new URL('./table.sql', import.meta.url),
  async apply(client, events) {
    const before = await readShares(client, [...new Set(events.map((event) => event.job_id))]);
    const after = new Map(before);
    for (const event of events) {
      const share = after.get(event.job_id);
      if (isNext('stats', share?.revision ?? 0, event)) after.set(event.job_id, evolve(share, event));
    }
    const changed = [...after.values()].filter(
      (share) => before.get(share.job_id)?.revision !== share.revision,
    );
    if (changed.length === 0) return [];
    await writeShares(client, changed);
    const withdrawn = changed.flatMap((share) => before.get(share.job_id) ?? []);
    await addToSums(client, [
      ...withdrawn.map((share) => entry(share, -1)),
      ...changed.map((share) => entry(share, 1)),
    ]);
    return changed.map((share) => [share.job_id, share.revision]);
  },
};

interface ShareRow extends Omit<Share, 'source_bytes' | 'output_bytes' | 'turnaround_ms' | 'requested_at'> {
  source_bytes: string;
  output_bytes: string;
  turnaround_ms: string;
  requested_at: Date;
}

async function readShares(client: PoolClient, ids: readonly string[]): Promise<Map<string, Share>> {
  const { rows } = await client.query<ShareRow>({
    name: 'read shares',
    text: 'select * from stats_share where job_id = any($1::uuid[])',
    values: [ids],
  });
  return new Map(
    rows.map((row) => [
      row.job_id,
      {
        ...row,
        source_bytes: Number(row.source_bytes),
        output_bytes: Number(row.output_bytes),
        turnaround_ms: Number(row.turnaround_ms),
        requested_at: row.requested_at.toISOString(),
      },
    ]),
  );
}

async function writeShares(client: PoolClient, shares: readonly Share[]): Promise<void> {
  await client.query({
    name: 'write shares',
    text: `insert into stats_share
     select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::bigint[], $6::bigint[], $7::timestamptz[], $8::bigint[])
     on conflict (job_id) do update set revision = excluded.revision, status = excluded.status,
       output_bytes = excluded.output_bytes, turnaround_ms = excluded.turnaround_ms`,
    values: [
      shares.map((share) => share.job_id),
      shares.map((share) => share.account_id),
      shares.map((share) => share.revision),
      shares.map((share) => share.status),
      shares.map((share) => share.source_bytes),
      shares.map((share) => share.output_bytes),
      shares.map((share) => share.requested_at),
      shares.map((share) => share.turnaround_ms),
    ],
  });
}

const entry = (share: Share, sign: 1 | -1) => ({
  account_id: share.account_id,
  status: share.status,
  jobs: sign,
  source_bytes: sign * share.source_bytes,
  output_bytes: sign * share.output_bytes,
  turnaround_ms: sign * share.turnaround_ms,
});

/** One ordered statement, so that two projectors of different partitions lock an account's rows in the same order. */
async function addToSums(client: PoolClient, entries: readonly ReturnType<typeof entry>[]): Promise<void> {
  await client.query({
    name: 'add to sums',
    text: `insert into stats
     select account_id, status, sum(jobs), sum(source_bytes), sum(output_bytes), sum(turnaround_ms)
     from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
       as entry (account_id, status, jobs, source_bytes, output_bytes, turnaround_ms)
     group by account_id, status order by account_id, status
     on conflict (account_id, status) do update set jobs = stats.jobs + excluded.jobs,
       source_bytes = stats.source_bytes + excluded.source_bytes,
       output_bytes = stats.output_bytes + excluded.output_bytes,
       turnaround_ms = stats.turnaround_ms + excluded.turnaround_ms`,
    values: [
      entries.map((row) => row.account_id),
      entries.map((row) => row.status),
      entries.map((row) => row.jobs),
      entries.map((row) => row.source_bytes),
      entries.map((row) => row.output_bytes),
      entries.map((row) => row.turnaround_ms),
    ],
  });
  // Otherwise which rows there are would depend on how the events were batched. These rows are locked already.
  await client.query({
    name: 'drop empty sums',
    text: `delete from stats using unnest($1::text[], $2::text[]) as entry (account_id, status)
     where stats.account_id = entry.account_id and stats.status = entry.status and stats.jobs = 0`,
    values: [entries.map((row) => row.account_id), entries.map((row) => row.status)],
  });
}
