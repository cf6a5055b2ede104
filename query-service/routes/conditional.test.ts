import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import test from 'ava';
import { jobId, openQueryService, problemOf } from '../testing/service.ts';
import { story, tell } from '../testing/told-job.ts';

const JOB = `/api/jobs/${jobId(1)}`;
const etagOf = (response: Response) => response.headers.get('etag') ?? '';

test('what a client has already is not sent again: 304 with the same ETag and no body', async (t) => {
  const service = await openQueryService(t);
  await tell(service, story(jobId(1)));
  await service.count('anna', 'queued', 1);
  for (const path of [JOB, `${JOB}/events`, `${JOB}?as_of=2`, '/api/jobs', '/api/jobs/stats']) {
    const first = await service.call(path);
    t.is(first.status, 200, path);
    t.regex(etagOf(first), /^"[\w-]+"$/, 'strong');
    t.true((await first.text()).length > 0);
    for (const condition of [etagOf(first), `W/${etagOf(first)}`, `"other", ${etagOf(first)}`, '*']) {
      const again = await service.call(path, { headers: { 'If-None-Match': condition } });
      t.is(again.status, 304, `${path} ${condition}`);
      t.is(etagOf(again), etagOf(first));
      t.is(await again.text(), '');
    }
    t.is((await service.call(path, { headers: { 'If-None-Match': '"other"' } })).status, 200);
  }
});

test('a new revision and new progress within a revision are new answers', async (t) => {
  const service = await openQueryService(t);
  const events = story(jobId(1));
  await tell(service, events.slice(0, 3));
  const before = etagOf(await service.call(JOB));
  t.regex(before, /^"3-/);
  const progress = {
    job_id: jobId(1),
    task_id: 'inspect',
    epoch: 1,
    worker_id: 'worker-1',
    kind: 'inspect',
    fraction: 0.5,
  };
  await service.bus.publish([
    toMessage(topics.progress, jobId(1), {
      id: 'p1',
      type: 'TaskProgress',
      source: '/test',
      subject: jobId(1),
      time: new Date().toISOString(),
      data: progress,
    }),
  ]);
  const running = await service.call(JOB, { headers: { 'If-None-Match': before } });
  t.is(running.status, 200);
  t.regex(etagOf(running), /^"3-/);
  t.not(etagOf(running), before);
  await service.pool.query('delete from read_model.history');
  await tell(service, events);
  t.regex(etagOf(await service.call(JOB, { headers: { 'If-None-Match': etagOf(running) } })), /^"4-/);
});

test('I8: min_revision waits for the revision, and says 409 when it does not come', async (t) => {
  const service = await openQueryService(t);
  const events = story(jobId(1));
  await tell(service, events.slice(0, 2));
  t.is((await service.call(`${JOB}?min_revision=2`)).status, 200);
  const waiting = service.call(`${JOB}?min_revision=3`);
  await service.pool.query('delete from read_model.history');
  await tell(service, events.slice(0, 3));
  const arrived = await waiting;
  t.is(arrived.status, 200);
  t.is(((await arrived.json()) as { revision: number }).revision, 3);

  const late = await service.call(`${JOB}?min_revision=4`);
  t.is(late.headers.get('retry-after'), '1');
  t.deepEqual(await problemOf(late), [409, 'revision_not_reached']);
  for (const malformed of ['', '0', '-1', 'x', '1.5'])
    t.deepEqual(
      await problemOf(await service.call(`${JOB}?min_revision=${malformed}`)),
      [400, 'invalid_request'],
      malformed,
    );
});
