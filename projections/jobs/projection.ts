import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { evolve } from '@transcodeflow/shared/read-model/job-document/evolve.ts';
import { searchable, sortName } from '@transcodeflow/shared/read-model/searchable.ts';
import type { PoolClient } from 'pg';
import { jobEvents } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { isNext } from '../projector/revision-guard.ts';

/** One document per job, for `GET /api/jobs` and `/api/jobs/{id}`. */
export const jobsProjection: Projection<JobEventEnvelope> = {
  name: 'jobs',
  version: 2,
  family: jobEvents,
  stream: jobStream,
  reached: (schema) => `select job_id as id, revision from ${schema}.job`,
  table: new URL('./table.sql', import.meta.url),
  async apply(client, events) {
    const ids = [...new Set(events.map((event) => event.job_id))];
    const { rows } = await client.query<{ document: JobDocument }>({
      name: 'read jobs',
      text: 'select document from job where job_id = any($1::uuid[])',
      values: [ids],
    });
    const documents = new Map(rows.map(({ document }) => [document.job_id, document]));
    const changed = new Set<string>();
    const requested = new Set<string>();
    for (const event of events) {
      const document = documents.get(event.job_id);
      if (!isNext('jobs', document?.revision ?? 0, event)) continue;
      if (!document) requested.add(event.job_id);
      documents.set(event.job_id, evolve(document, event));
      changed.add(event.job_id);
    }
    const written = [...changed].flatMap((id) => documents.get(id) ?? []);
    if (written.length === 0) return [];
    await writeJobs(client, written);
    const isDeleted = ({ status }: JobDocument) => status === 'deleted';
    const begun = written.filter((job) => requested.has(job.job_id) && !isDeleted(job));
    if (begun.length > 0) await writeTexts(client, begun);
    const ended = written.filter((job) => !requested.has(job.job_id) && isDeleted(job));
    if (ended.length > 0)
      await client.query({
        name: 'delete texts of jobs',
        text: 'delete from job_text where job_id = any($1::uuid[])',
        values: [ended.map((job) => job.job_id)],
      });
    return written.map((job) => [job.job_id, job.revision]);
  },
};

async function writeJobs(client: PoolClient, jobs: readonly JobDocument[]): Promise<void> {
  await client.query({
    name: 'write jobs',
    text: `insert into job (job_id, account_id, revision, status, created_at, updated_at, sort_name, source_bytes, document)
     select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[],
       $8::bigint[], $9::json[])
     on conflict (job_id) do update
     set revision = excluded.revision, status = excluded.status, updated_at = excluded.updated_at,
       source_bytes = excluded.source_bytes,
       document = excluded.document
     where job.revision < excluded.revision`,
    values: [
      jobs.map((job) => job.job_id),
      jobs.map((job) => job.account_id),
      jobs.map((job) => job.revision),
      jobs.map((job) => job.status),
      jobs.map((job) => job.created_at),
      jobs.map((job) => job.updated_at),
      jobs.map((job) => sortName(job.filename)),
      jobs.map((job) => job.source_bytes),
      jobs.map((job) => JSON.stringify(job)),
    ],
  });
}

/** File name and metadata never change: they are written once, and forgotten with the job. */
async function writeTexts(client: PoolClient, jobs: readonly JobDocument[]): Promise<void> {
  await client.query({
    name: 'write texts of jobs',
    text: `insert into job_text (job_id, account_id, text) select * from unnest($1::uuid[], $2::text[], $3::text[])
     on conflict (job_id) do nothing`,
    values: [
      jobs.map((job) => job.job_id),
      jobs.map((job) => job.account_id),
      jobs.map((job) => searchable([job.filename, ...Object.values(job.metadata)].join('\n'))),
    ],
  });
}
