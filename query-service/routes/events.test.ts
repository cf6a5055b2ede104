import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import type { OpenSource } from '../testing/event-source.ts';
import { jobId, problemOf } from '../testing/service.ts';
import { has, ids, openStreams, types } from '../testing/streams.ts';
import { remember, story, tell } from '../testing/told-job.ts';

const JOB = `/api/jobs/${jobId(1)}/events`;

test("a job's stream: its history, then what happens, until it ends; the same entries as the history", async (t) => {
  const service = await openStreams(t);
  const events = story(jobId(1));
  await tell(service, events.slice(0, 2));
  const stream = await service.source(JOB);
  t.is(stream.status, 200);
  t.regex(stream.headers['content-type'] ?? '', /^text\/event-stream/);
  t.is(stream.headers['cache-control'], 'no-store');
  await has(stream, 2);
  await remember(service, events.slice(2, 3));
  await has(stream, 3);
  t.false(stream.ended);
  await tell(service, events.slice(3), events);
  await until('the stream ends after the final event', () => stream.ended);
  t.deepEqual(types(stream), ['JobRequested', 'TaskScheduled', 'TaskStarted', 'JobCancelled']);
  t.deepEqual(ids(stream), ['1', '2', '3', '4']);
  const { events: history } = (await (await service.call(JOB)).json()) as { events: object[] };
  t.deepEqual(
    stream.frames.map(({ data }): unknown => JSON.parse(data)),
    history,
  );
  t.true((stream.retry ?? 0) >= 1_000);
});

test('a client that comes back goes on after the last event it has, and is told when there is nothing to come', async (t) => {
  const service = await openStreams(t);
  const events = story(jobId(1));
  await tell(service, events.slice(0, 3));
  const [byHeader, byUrl] = [
    await service.source(JOB, { headers: { 'Last-Event-ID': '2' } }),
    await service.source(`${JOB}?last_event_id=2`),
  ];
  await has(byHeader, 1);
  await has(byUrl, 1);
  await tell(service, events.slice(3), events);
  for (const stream of [byHeader, byUrl]) {
    await until('the end', () => stream.ended);
    t.deepEqual(ids(stream), ['3', '4']);
  }
  t.is((await service.source(JOB, { headers: { 'Last-Event-ID': '4' } })).status, 204);
  const again = await service.source(JOB, { headers: { 'Last-Event-ID': '3' } });
  await until('the end', () => again.ended);
  t.deepEqual(ids(again), ['4']);
});

test('a final event that was followed by a retry ends nothing', async (t) => {
  const service = await openStreams(t);
  const [requested, scheduled] = story(jobId(1));
  const events = [
    requested!,
    { ...scheduled!, event: { type: 'JobFailed', data: { code: 'c', reason: 'r' } } },
    { ...scheduled!, revision: 3, id: jobId(903), event: { type: 'JobRetried', data: { by: 'k' } } },
  ] as JobEventEnvelope[];
  await tell(service, events);
  const stream = await service.source(JOB);
  await has(stream, 3);
  t.deepEqual(types(stream), ['JobRequested', 'JobFailed', 'JobRetried']);
  t.false(stream.ended);
});

test("all of one's jobs: from now on, or after an event; nobody else's", async (t) => {
  const service = await openStreams(t);
  await tell(service, story(jobId(1)));
  const fromNow = await service.source('/api/events');
  await tell(service, story(jobId(2)));
  await tell(service, story(jobId(3), 'bert'));
  await tell(service, story(jobId(4)));
  await has(fromNow, 8);
  const jobs = (source: OpenSource) =>
    source.frames.map(({ data }) => (JSON.parse(data) as { job_id: string }).job_id.slice(-1));
  t.is(jobs(fromNow).join(''), '22224444');
  for (const [index, { id = '' }] of fromNow.frames.entries()) {
    const resumed = await service.source('/api/events', { headers: { 'Last-Event-ID': id } });
    await has(resumed, 7 - index);
    t.deepEqual(resumed.frames, fromNow.frames.slice(index + 1));
    resumed.close();
  }
  const whole = await service.source('/api/events?last_event_id=0', { key: 'bert' });
  await has(whole, 4);
  t.is(jobs(whole).join(''), '3333');
});

test('without event-stream in Accept: a page, newest first to begin with, then onwards', async (t) => {
  const service = await openStreams(t);
  await tell(service, story(jobId(1)));
  await tell(service, story(jobId(2), 'bert'));
  await tell(service, story(jobId(3)));
  const page = async (query: string) =>
    (await (await service.call(`/api/events${query}`)).json()) as {
      events: { job_id: string; revision: number }[];
      last_event_id: string;
    };
  const names = ({ events }: Awaited<ReturnType<typeof page>>) =>
    events.map(({ job_id, revision }) => `${job_id.slice(-1)}.${revision}`);
  const newest = await page('?per_page=2');
  t.deepEqual(names(newest), ['3.3', '3.4']);
  let at = await page('?per_page=3&last_event_id=0');
  const all = [...names(at)];
  while (at.events.length > 0) {
    at = await page(`?per_page=3&last_event_id=${at.last_event_id}`);
    all.push(...names(at));
  }
  t.deepEqual(all, ['1.1', '1.2', '1.3', '1.4', '3.1', '3.2', '3.3', '3.4']);
  t.is(at.last_event_id, newest.last_event_id);
  const stream = await service.source(`/api/events?last_event_id=${newest.last_event_id}`);
  await tell(service, story(jobId(5)));
  await has(stream, 4);
  t.is(ids(stream).length, 4);
  t.deepEqual(await (await service.call('/api/events', {}, 'carl')).json(), {
    events: [],
    last_event_id: '0',
  });
});

const beat = (id: string, fraction: number) =>
  toMessage(topics.progress, id, {
    id: `${id}-${fraction}`,
    type: 'TaskProgress',
    source: '/w',
    subject: id,
    time: new Date().toISOString(),
    data: { job_id: id, task_id: 'inspect', epoch: 1, worker_id: 'w', kind: 'inspect', fraction, eta_s: 4 },
  });

test('progress comes without an id, to those who may see the job, at most once a second', async (t) => {
  const service = await openStreams(t);
  const events = story(jobId(1));
  await tell(service, events.slice(0, 3));
  const [job, all, other] = [
    await service.source(JOB),
    await service.source('/api/events'),
    await service.source('/api/events', { key: 'bert' }),
  ];
  await has(job, 3);
  // A stream is told of progress once it is up to date: sent until it was.
  await until('progress arrives', async () => {
    for (let share = 1; share <= 5; share += 1) await service.bus.publish([beat(jobId(1), share / 10)]);
    return job.frames.length > 3 && all.frames.length > 0;
  });
  const [frame] = all.frames;
  t.is(frame?.event, 'progress');
  t.false('id' in (frame ?? {}));
  const progress = JSON.parse(frame?.data ?? '') as { progress: number; tasks: object[] };
  t.like(progress, { job_id: jobId(1), revision: 3 });
  t.like(progress.tasks[0], { task_id: 'inspect', status: 'running', progress: 50, eta_s: 4 });
  t.deepEqual(types(other), []);
  await tell(service, events.slice(3), events);
  await until('the end', () => job.ended);
  t.is(types(job).at(-1), 'JobCancelled');
});

test('what cannot be an event id, and who may not see the events', async (t) => {
  const service = await openStreams(t);
  await tell(service, story(jobId(1)).slice(0, 1));
  for (const [path, id] of [
    [JOB, 'x'],
    [JOB, '-1'],
    [JOB, '1.5'],
    [JOB, '99999999999'],
    ['/api/events', 'x'],
    ['/api/events', '9'.repeat(17)],
  ] as const) {
    const stream = await service.call(path, {
      headers: { Accept: 'text/event-stream', 'Last-Event-ID': id },
    });
    t.deepEqual(await problemOf(stream), [400, 'invalid_request'], `${path} ${id}`);
    t.deepEqual(await problemOf(await service.call(`${path}?last_event_id=${id}`)), [400, 'invalid_request']);
  }
  const accept = { headers: { Accept: 'text/event-stream' } };
  t.deepEqual(await problemOf(await service.call(`${JOB}?as_of=1`, accept)), [400, 'invalid_request']);
  t.deepEqual(await problemOf(await service.call('/api/events?per_page=101')), [400, 'invalid_request']);
  t.deepEqual(await problemOf(await service.call('/api/events?since=1')), [400, 'invalid_request']);
  t.deepEqual(await problemOf(await service.call(JOB, accept, 'bert')), [403, 'job_of_another_account']);
  t.deepEqual(await problemOf(await service.call('/api/events', accept, '')), [403, 'api_key_missing']);
  t.deepEqual(await problemOf(await service.call('/api/events', accept, 'writer')), [403, 'scope_missing']);
  const head = await service.call('/api/events', { ...accept, method: 'HEAD' });
  t.is(head.status, 200);
  t.regex(head.headers.get('content-type') ?? '', /^text\/event-stream/);
});
