import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import type { Frame } from '../testing/event-source.ts';
import { jobId, problemOf } from '../testing/service.ts';
import { has, openStreams, types } from '../testing/streams.ts';
import { remember, story, tell } from '../testing/told-job.ts';

test('a stream whose key was revoked, or lost its scope, ends; the others get signs of life', async (t) => {
  const { source, keys } = await openStreams(t, 20);
  for (const name of ['one', 'two', 'three']) keys.set(name, identity('anna', 'read'));
  const [one, two, three] = [
    await source('/api/events', { key: 'one' }),
    await source('/api/events', { key: 'two' }),
    await source('/api/events', { key: 'three' }),
  ];
  await until('signs of life', () => [one, two, three].every(({ comments }) => comments > 1));
  keys.delete('one');
  keys.set('two', identity('anna', 'write'));
  await until('both end', () => one.ended && two.ended);
  const before = three.comments;
  await until('the third lives on', () => three.comments > before + 2);
  t.false(three.ended);
});

test('the service ends its streams at once when it stops, and opens none', async (t) => {
  const { source, service, call } = await openStreams(t);
  const streams = await Promise.all([source('/api/events'), source('/api/events')]);
  service.endStreams();
  await until('they end', () => streams.every(({ ended }) => ended));
  const refused = await call('/api/events', { headers: { Accept: 'text/event-stream' } });
  t.deepEqual(await problemOf(refused), [503, 'unavailable']);
  t.is((await call('/api/events')).status, 200);
});

test('streams survive the loss of the connection that hears of changes', async (t) => {
  const service = await openStreams(t);
  await tell(service, story(jobId(1)));
  const stream = await service.source('/api/events');
  await service.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'transcodeflow listener' and datname = current_database()`,
  );
  await tell(service, story(jobId(2)));
  await has(stream, 4);
  t.deepEqual(types(stream), ['JobRequested', 'TaskScheduled', 'TaskStarted', 'JobCancelled']);
});

test('a client that takes nothing is cut off, and has everything after coming back', async (t) => {
  const service = await openStreams(t);
  // Only the ids: the events are large.
  const [got, rest]: string[][] = [[], []];
  const into = (list: string[]) => ({ onFrame: ({ id = '' }: Frame) => list.push(id) > 0 });
  const slow = await service.source('/api/events', into(got!));
  slow.pause();
  const [template] = story(jobId(1));
  const filler = 'x'.repeat(200_000);
  let revision = 0;
  await until(
    'it is cut off',
    async () => {
      const page = Array.from({ length: 20 }, (): JobEventEnvelope => {
        revision += 1;
        const id = jobId(1_000 + revision);
        return {
          ...template!,
          job_id: id,
          id,
          event: {
            type: 'JobRequested',
            data: { ...(template!.event.data as object), filename: filler },
          } as JobEventEnvelope['event'],
        };
      });
      await remember(service, page);
      return service.streams() === 0;
    },
    60_000,
  );
  slow.resume();
  await until('it notices', () => slow.ended);
  await service.source('/api/events', {
    ...into(rest!),
    headers: { 'Last-Event-ID': got!.at(-1) ?? '0' },
  });
  await until('the rest', () => got!.length + rest!.length >= revision);
  const { rows } = await service.pool.query<{ position: string }>(
    'select position from read_model.history order by position',
  );
  t.deepEqual(
    [...got!, ...rest!],
    rows.map(({ position }) => position),
  );
});
