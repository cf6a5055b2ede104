import { randomUUID } from 'node:crypto';
import { accountWebhookSecret } from '@transcodeflow/shared/secrets/account-webhook-secret.ts';
import { webhookSecret } from '@transcodeflow/shared/secrets/webhook-secret.ts';
import test from 'ava';
import { events } from '../testing/histories.ts';
import { endpointCreated, openWebhooks, SECRET_KEY } from './testing/bench.ts';
import { openReceiver, verified } from './testing/receiver.ts';

const ENDPOINT = '019b7a11-7000-7000-8000-0000000000e1';

test.serial(
  'an endpoint gets what happens to its account, signed, in the form of Standard Webhooks',
  async (t) => {
    const receiver = await openReceiver(t);
    const webhooks = await openWebhooks(t);
    webhooks.dispatcher();
    const job = randomUUID();
    const requested = webhooks.ofJob(job, events.requested(job, { metadata: { order: '7' } }));
    await webhooks.publish([webhooks.ofAccount(endpointCreated(receiver.url, { id: ENDPOINT }))]);
    const requestedNow = webhooks.ofJob(randomUUID(), events.requested(job, { account_id: 'account-2' }));
    const other = randomUUID();
    const messages = [
      requested,
      requestedNow,
      webhooks.ofJob(other, events.requested(other, { metadata: { order: '8' } })),
      webhooks.ofJob(other, events.scheduled('inspect')),
      webhooks.ofJob(other, events.completed),
    ];
    await webhooks.publish(messages);
    const received = (await receiver.got(2)).toSorted((a, b) => b.type.localeCompare(a.type));
    await webhooks.settled('delivered', 2);
    t.is(
      receiver.received.length,
      2,
      'not what was before it, nor of another account, nor a step of the work',
    );
    const secret = webhookSecret(SECRET_KEY, ENDPOINT);
    const [first, second] = received.map((one) => verified(secret, one)) as Record<string, unknown>[];
    t.like(first, { type: 'job.requested', data: { job_id: other, revision: 1, status: 'queued' } });
    t.like(second, {
      type: 'job.completed',
      data: {
        job_id: other,
        revision: 3,
        status: 'completed',
        metadata: { order: '8' },
        url: `/api/jobs/${other}`,
        outputs: {
          '360p': { available: false, reason: 'test' },
          hls: { available: true, path: `/api/jobs/${other}/outputs/hls/master.m3u8` },
        },
      },
    });
    t.regex(String(second?.timestamp), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    t.is(
      received[1]?.id,
      messages[4]?.headers.ce_id,
      'the id is that of the event in Kafka and in the history',
    );
    t.is(received[1]?.headers['content-type'], 'application/json');
    t.throws(() => verified(webhookSecret(SECRET_KEY, 'another'), received[0]!), { message: /signature/ });
  },
);

test.serial('an endpoint gets what it asks for: some events, or all with *', async (t) => {
  const [some, all] = [await openReceiver(t), await openReceiver(t)];
  const webhooks = await openWebhooks(t);
  webhooks.dispatcher();
  await webhooks.publish([
    webhooks.ofAccount(endpointCreated(some.url, { events: ['task.succeeded', 'job.failed'] })),
    webhooks.ofAccount(endpointCreated(all.url, { events: ['*'] })),
  ]);
  const job = randomUUID();
  const told = [
    events.requested(job),
    events.scheduled('inspect'),
    events.started('inspect'),
    events.succeeded('inspect'),
    events.inspected,
    events.planned,
    events.degraded('encode'),
    events.failed('encode', '2026-01-02T04:00:00.000Z'),
    events.lost('encode'),
    events.jobFailed,
    events.retried,
    events.completed,
    events.deleted,
  ];
  await webhooks.publish(told.map((event) => webhooks.ofJob(job, event)));
  await webhooks.settled('delivered', told.length + 2);
  t.deepEqual(some.received.map(({ type }) => type).toSorted(), ['job.failed', 'task.succeeded']);
  t.is(new Set(all.received.map(({ type }) => type)).size, told.length);
  const bodies = all.received.map(({ body }) => JSON.parse(body) as { data: Record<string, unknown> });
  const statuses = bodies.toSorted((a, b) => Number(a.data.revision) - Number(b.data.revision));
  t.deepEqual(
    statuses.map(({ data }) => data.status),
    ['queued', 'queued', ...Array(7).fill('processing'), 'failed', 'queued', 'completed', 'deleted'],
  );
  t.false(
    all.received.some(({ body }) => /"commands"|"spec"|"files"/.test(body)),
    'only what is meant for receivers',
  );
});

test.serial("a job's own URL is signed with its account's secret", async (t) => {
  const receiver = await openReceiver(t);
  const webhooks = await openWebhooks(t);
  webhooks.dispatcher();
  const job = randomUUID();
  await webhooks.publish([
    webhooks.ofJob(job, events.requested(job, { webhook: { url: `${receiver.url}?job=1` } })),
    webhooks.ofJob(job, events.started('inspect')),
    webhooks.ofJob(job, events.completed),
  ]);
  const received = await receiver.got(2);
  await webhooks.settled('delivered', 2);
  t.deepEqual(received.map(({ type }) => type).toSorted(), ['job.completed', 'job.requested']);
  for (const one of received) {
    t.is(one.path, '/hook?job=1');
    t.notThrows(() => verified(accountWebhookSecret(SECRET_KEY, 'account-1'), one));
  }
});

test.serial('a deleted endpoint gets nothing more, and what was still to come is cancelled', async (t) => {
  const receiver = await openReceiver(t);
  const webhooks = await openWebhooks(t);
  const [job, other] = [randomUUID(), randomUUID()];
  await webhooks.publish([webhooks.ofAccount(endpointCreated(receiver.url, { id: ENDPOINT }))]);
  await webhooks.publish([webhooks.ofJob(job, events.requested(job))]);
  await webhooks.publish([
    webhooks.ofAccount({
      type: 'WebhookEndpointDeleted',
      data: { id: ENDPOINT, account_id: 'account-1', by: 'test' },
    }),
  ]);
  await webhooks.publish([webhooks.ofJob(other, events.requested(other))]);
  const [delivery, ...more] = await webhooks.deliveries();
  t.like(delivery, { job_id: job, status: 'cancelled', last_error: 'The endpoint was deleted.' });
  t.deepEqual(more, []);
});

test.serial('a revoked key takes its endpoints with it, and its jobs’ own URLs', async (t) => {
  const receiver = await openReceiver(t);
  const webhooks = await openWebhooks(t);
  const account_id = randomUUID();
  const job = randomUUID();
  await webhooks.publish([webhooks.ofAccount(endpointCreated(receiver.url, { account_id }))]);
  await webhooks.publish([
    webhooks.ofJob(job, events.requested(job, { account_id, webhook: { url: receiver.url } })),
  ]);
  await webhooks.publish([
    webhooks.ofAccount({ type: 'ApiKeyRevoked', data: { id: account_id, account_id, by: 'admin' } }),
  ]);
  await webhooks.publish([webhooks.ofJob(job, events.cancelled)]);
  const deliveries = await webhooks.deliveries();
  t.deepEqual(
    deliveries.map(({ status }) => status),
    ['cancelled', 'cancelled'],
  );
});
