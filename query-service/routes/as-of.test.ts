import test from 'ava';
import { jobId, openQueryService, problemOf } from '../testing/service.ts';
import { remember, story, tell } from '../testing/told-job.ts';

const path = (asOf: string, rest = '') => `/api/jobs/${jobId(1)}${rest}?as_of=${asOf}`;

test('a job as it was after each of its events, by revision and by time', async (t) => {
  const service = await openQueryService(t);
  await tell(service, story(jobId(1)));
  const seen = async (asOf: string) => {
    const job = (await (await service.call(path(asOf))).json()) as Record<string, unknown>;
    return [job.revision, job.status, job.updated_at];
  };
  t.deepEqual(await seen('1'), [1, 'queued', '2026-01-02T03:00:00.000Z']);
  t.deepEqual(await seen('3'), [3, 'processing', '2026-01-02T03:02:00.000Z']);
  t.deepEqual(await seen('4'), [4, 'cancelled', '2026-01-02T03:03:00.000Z']);
  t.deepEqual((await seen('2026-01-02T03:02:00Z'))[0], 3, 'an event at the very moment has happened');
  t.deepEqual((await seen('2026-01-02T03:01:59.999Z'))[0], 2);
  t.deepEqual((await seen('2026-01-02T05:01:00%2B02:00'))[0], 2);
  t.deepEqual((await seen('2026-01-02T05:01:00+02:00'))[0], 2, 'a plus that was not escaped');
  t.deepEqual((await seen('2099-01-01T00:00:00Z'))[0], 4);
  t.deepEqual(
    await (await service.call(path('4'))).json(),
    await (await service.call(`/api/jobs/${jobId(1)}`)).json(),
    'the last moment is the present',
  );
});

test('the history up to a moment', async (t) => {
  const service = await openQueryService(t);
  await tell(service, story(jobId(1)));
  const types = async (asOf: string) => {
    const { events } = (await (await service.call(path(asOf, '/events'))).json()) as {
      events: { type: string }[];
    };
    return events.map(({ type }) => type);
  };
  t.deepEqual(await types('2'), ['JobRequested', 'TaskScheduled']);
  t.deepEqual(await types('2026-01-02T03:00:30Z'), ['JobRequested']);
});

test('a clock that was set back leaves no hole: what followed a later event has not happened yet', async (t) => {
  const service = await openQueryService(t);
  const events = story(jobId(1)).map((event, index) =>
    index === 1 ? { ...event, time: '2026-01-02T04:00:00.000Z' } : event,
  );
  await tell(service, events);
  const job = (await (await service.call(path('2026-01-02T03:30:00Z'))).json()) as { revision: number };
  t.is(job.revision, 1);
});

test('before the job existed, or a revision yet to come: 404; malformed: 400; deleted or of another: as now', async (t) => {
  const service = await openQueryService(t);
  await tell(service, story(jobId(1)));
  for (const rest of ['', '/events']) {
    for (const moment of ['0', '5', '2026-01-02T02:59:59Z'])
      t.deepEqual(await problemOf(await service.call(path(moment, rest))), [404, 'job_not_found'], moment);
    for (const moment of ['', 'now', '-1', '1.5', '2026-01-02', '2026-01-02T03:00:00', '9999999999'])
      t.deepEqual(await problemOf(await service.call(path(moment, rest))), [400, 'invalid_request'], moment);
    t.deepEqual(await problemOf(await service.call(path('1', rest), {}, 'bert')), [
      403,
      'job_of_another_account',
    ]);
  }
  const deleted = { ...story(jobId(2))[3]!, revision: 5 };
  await tell(service, [
    ...story(jobId(2)),
    { ...deleted, event: { type: 'JobDeleted', data: { by: 'key-1' } } },
  ]);
  t.deepEqual(await problemOf(await service.call(`/api/jobs/${jobId(2)}?as_of=1`)), [404, 'job_not_found']);
});

test('I8: the history is waited for until it has what the job already shows', async (t) => {
  const service = await openQueryService(t);
  const events = story(jobId(1));
  await tell(service, events);
  await service.pool.query('delete from read_model.history where revision > 2');
  const [whole, past] = [service.call(`/api/jobs/${jobId(1)}/events`), service.call(path('3'))];
  await remember(service, events.slice(2));
  t.is(((await (await whole).json()) as { events: object[] }).events.length, 4);
  t.is(((await (await past).json()) as { revision: number }).revision, 3);
});
