import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { encodeNotices, READ_MODEL_CHANNEL } from '@transcodeflow/shared/read-model/channel.ts';
import { evolve } from '@transcodeflow/shared/read-model/job-document/evolve.ts';
import { sampleRef, sampleRequest } from '@transcodeflow/shared/testing/job-samples.ts';
import type { openQueryService } from './service.ts';

type Service = Pick<Awaited<ReturnType<typeof openQueryService>>, 'pool' | 'project'>;

/** A job's first four events, a minute apart from 2026-01-02T03:00:00Z on. */
export const story = (id: string, accountId = 'anna'): JobEventEnvelope[] => {
  const events: JobEvent[] = [
    { type: 'JobRequested', data: sampleRequest(id, { account_id: accountId }) },
    {
      type: 'TaskScheduled',
      data: {
        task_id: 'inspect',
        kind: 'inspect',
        epoch: 1,
        priority: 'normal',
        reason: 'planned',
        spec: { kind: 'inspect', source: sampleRef('k'), filename: 'f' },
      },
    },
    {
      type: 'TaskStarted',
      data: { task_id: 'inspect', kind: 'inspect', epoch: 1, worker_id: 'worker-1' },
    },
    { type: 'JobCancelled', data: { by: 'key-1' } },
  ];
  return events.map((event, index) => ({
    job_id: id,
    id: `${id.slice(0, -4)}${String(index).padStart(4, 'e')}`,
    revision: index + 1,
    time: new Date(Date.parse('2026-01-02T03:00:00Z') + index * 60_000).toISOString(),
    correlation_id: 'request-1',
    causation_id: undefined,
    event,
  }));
};

/** Writes into the history what its projection would, notification included. */
export async function remember({ pool }: Service, events: readonly JobEventEnvelope[]): Promise<void> {
  for (const { job_id, revision, id, time, correlation_id, event } of events)
    await pool.query(
      `insert into read_model.history
       select $1, $2, $3, $4, $5, $6, $7,
         coalesce($8, (select account_id from read_model.history where job_id = $1 and revision = 1)),
         (select coalesce(max(position), 0) + 1 from read_model.history)`,
      [
        job_id,
        revision,
        id,
        event.type,
        time,
        JSON.stringify(event.data),
        correlation_id,
        event.type === 'JobRequested' ? event.data.account_id : null,
      ],
    );
  for (const notice of encodeNotices(
    'history',
    events.map(({ job_id, revision }) => [job_id, revision]),
  ))
    await pool.query('select pg_notify($1, $2)', [READ_MODEL_CHANNEL, notice]);
}

/** @param all that the job is folded of, if some of them were told before */
export async function tell(
  service: Service,
  events: readonly JobEventEnvelope[],
  all: readonly JobEventEnvelope[] = events,
): Promise<void> {
  const document = all.reduce<JobDocument | undefined>(evolve, undefined);
  if (!document) throw new Error('A job needs an event');
  await remember(service, events);
  await service.project(document);
}
