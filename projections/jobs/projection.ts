import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { evolve } from '@transcodeflow/shared/read-model/job-document/evolve.ts';
import { jobEvents } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { isNext } from '../projector/revision-guard.ts';

/** One document per job, for `GET /api/jobs` and `/api/jobs/{id}`. */
export const jobsProjection: Projection<JobEventEnvelope> = {
  name: 'jobs',
  version: 1,
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
    for (const event of events) {
      const document = documents.get(event.job_id);
      if (!isNext('jobs', document?.revision ?? 0, event)) continue;
      documents.set(event.job_id, evolve(document, event));
      changed.add(event.job_id);
    }
    const written = [...changed].flatMap((id) => documents.get(id) ?? []);
    if (written.length === 0) return [];
    await client.query({
      name: 'write jobs',
      text: `insert into job (job_id, account_id, revision, status, created_at, document)
       select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::json[])
       on conflict (job_id) do update
       set revision = excluded.revision, status = excluded.status, document = excluded.document
       where job.revision < excluded.revision`,
      values: [
        written.map((job) => job.job_id),
        written.map((job) => job.account_id),
        written.map((job) => job.revision),
        written.map((job) => job.status),
        written.map((job) => job.created_at),
        written.map((job) => JSON.stringify(job)),
      ],
    });
    return written.map((job) => [job.job_id, job.revision]);
  },
};
