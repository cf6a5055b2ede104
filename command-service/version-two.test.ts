import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { jobEventFrom, jobEventFromStored } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { jobEventUpcasters } from '@transcodeflow/shared/contracts/versions/job-event-upcasters.ts';
import { sampleRequest } from '@transcodeflow/shared/testing/job-samples.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { openCore } from './testing/core.ts';

const OLD_JOB = '019b7a11-7000-7000-8000-00000000000a';
const STREAM = jobStream(OLD_JOB);
const METADATA = { correlation_id: 'request-1' };

test('an event of version 1 is stored, published and read on as version 1 after version 2 came', async (t) => {
  const { store, relay, bus, commands, request, rows } = await openCore(t);
  const { account_id, ...rest } = sampleRequest(OLD_JOB);

  // Stored and waiting in the outbox before the update: then JobRequested called its account `owner`.
  await store.append(STREAM, 0, [{ type: 'JobRequested', data: { owner: account_id, ...rest } }], METADATA);
  await t.throwsAsync(commands.load(OLD_JOB), { name: 'ZodError' }, 'without an upcaster it cannot be read');

  // The update: for this process only, JobRequested is at version 2.
  jobEventUpcasters.JobRequested.push((data) => {
    const { owner, ...others } = Object(data);
    return { account_id: owner, ...others };
  });
  t.teardown(() => void jobEventUpcasters.JobRequested.pop());

  const { state } = await commands.load(OLD_JOB);
  t.is(state?.request.account_id, account_id, 'the command handler reads the old stream');
  await commands.execute(OLD_JOB, { type: 'CancelJob', data: { by: 'key-1' } }, METADATA);
  const newJob = await request();
  t.deepEqual(
    await rows(`select stream, version from event_store.event where type = 'JobRequested' order by position`),
    [
      { stream: STREAM, version: 1 },
      { stream: jobStream(newJob), version: 2 },
    ],
  );

  const seen: Parameters<typeof jobEventFrom>[0][] = [];
  await bus.subscribe({
    group: 'reader',
    topics: [topics.jobs],
    handler: async ({ messages }) => void seen.push(...messages),
  });
  relay();
  const requests = () => seen.filter((message) => fromMessage(message).type === 'JobRequested');
  await until('both are published', () => requests().length === 2);
  t.deepEqual(
    requests()
      .map(fromMessage)
      .map(({ subject, dataschema }) => [subject, dataschema]),
    [
      [OLD_JOB, 'urn:transcodeflow:job-event:JobRequested:v1'],
      [newJob, 'urn:transcodeflow:job-event:JobRequested:v2'],
    ],
  );
  t.like(fromMessage(requests()[0]!).data, { owner: account_id }, 'published as it was stored');

  // What a consumer makes of the message is what a rebuild makes of the stored event.
  const [stored] = await store.read(STREAM);
  t.deepEqual(jobEventFrom(requests()[0]!), jobEventFromStored(stored!));
  t.like(jobEventFromStored(stored!).event.data, { account_id });
});
