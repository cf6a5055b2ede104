import { openReceiver, verified } from '@transcodeflow/projections/webhooks/testing/receiver.ts';
import {
  type Delivery,
  DeliveryWithLog,
  MOST_WEBHOOKS,
  Webhook,
  WebhookList,
  WebhookSecret,
} from '@transcodeflow/shared/contracts/rest/webhooks.ts';
import { lifecycleEvents } from '@transcodeflow/shared/contracts/webhook-events.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { openWebhookSystem } from './testing/webhook-system.ts';

test.serial(
  'a webhook is there as soon as it was made, gets what happens, and is gone when it is deleted',
  async (t) => {
    const receiver = await openReceiver(t);
    const { call, get, create, upload, deliveries } = await openWebhookSystem(t);
    const { secret, ...webhook } = await create({ url: receiver.url, description: 'Shop' });
    t.like(webhook, { url: receiver.url, description: 'Shop', events: [...lifecycleEvents] });
    t.deepEqual((await get('/api/webhooks', 'reader')).body, { webhooks: [webhook] });
    t.deepEqual(Webhook.parse((await get(`/api/webhooks/${webhook.id}`)).body), webhook);
    t.deepEqual(WebhookSecret.parse((await get(`/api/webhooks/secret?webhook_id=${webhook.id}`)).body), {
      secret,
    });

    const { job_id: job } = await upload();
    const [received] = await receiver.got(1);
    t.like(verified(secret, received!), {
      type: 'job.requested',
      data: { job_id: job, filename: 'holiday.mp4' },
    });
    const [delivery] = await until('it is in the log', async () => {
      const list = await deliveries(`?job_id=${job}&status=delivered&endpoint_id=${webhook.id}`);
      return list.total === 1 && list.deliveries;
    });
    t.like(delivery, { event: 'job.requested', event_id: received!.id, attempts: 1, last_status_code: 204 });
    const detail = DeliveryWithLog.parse((await get(`/api/webhooks/deliveries/${delivery!.id}`)).body);
    t.is(detail.payload, received!.body);
    t.like(detail.log[0], { number: 1, status_code: 204, error: null, response: '' });

    t.deepEqual((await call('DELETE', `/api/webhooks/${webhook.id}`)).body, {
      id: webhook.id,
      deleted: true,
    });
    t.deepEqual(WebhookList.parse((await get('/api/webhooks')).body), { webhooks: [] });
    t.is((await get(`/api/webhooks/${webhook.id}`)).status, 404);
    await call('POST', `/api/jobs/${job}/cancel`);
    t.is((await deliveries(`?job_id=${job}`)).total, 1);
  },
);

test.serial('a job tells its own URL, signed with the secret of its API key', async (t) => {
  const receiver = await openReceiver(t);
  const { get, upload, deliveries } = await openWebhookSystem(t);
  const { job_id: job } = await upload({ webhook: { url: receiver.url } });
  const [received] = await receiver.got(1);
  const { secret } = WebhookSecret.parse((await get('/api/webhooks/secret')).body);
  t.like(verified(secret, received!), { type: 'job.requested', data: { job_id: job } });
  const list = await deliveries();
  t.like(list.deliveries[0], { job_id: job, endpoint_id: null, url: receiver.url });
  t.not(secret, Object((await get('/api/webhooks/secret', 'bert')).body).secret);
});

test.serial('of many at once no more than the limit are made; one that is deleted makes room', async (t) => {
  const { call, get, create } = await openWebhookSystem(t);
  const url = 'https://example.com/hook';
  const answers = await Promise.all(
    Array.from({ length: MOST_WEBHOOKS + 15 }, () => call('POST', '/api/webhooks', { url })),
  );
  const made = answers.filter(({ status }) => status === 201);
  t.is(made.length, MOST_WEBHOOKS);
  t.true(answers.every(({ status, body }) => status === 201 || body.code === 'webhook_limit_reached'));
  t.is((await get('/api/webhooks')).body.webhooks.length, MOST_WEBHOOKS);
  await create({ url }, 'bert');
  await call('DELETE', `/api/webhooks/${made[0]?.body.id}`);
  await create({ url });
});

test.serial('an Idempotency-Key makes one webhook, and its secret is not in the database', async (t) => {
  const { create, get, pool } = await openWebhookSystem(t);
  const body = { url: 'https://example.com/hook' };
  const twice = { 'Idempotency-Key': 'one-webhook' };
  const first = await create(body, 'anna', twice);
  t.deepEqual(await create(body, 'anna', twice), first);
  t.is((await get('/api/webhooks')).body.webhooks.length, 1);
  const { rows } = await pool.query<{ row: string }>(
    'select r::text as row from idempotency.request r union all select e::text from event_store.event e',
  );
  t.true(rows.length >= 2);
  t.false(rows.some(({ row }) => row.includes(first.secret.slice('whsec_'.length))));
});

test.serial('a delivery that failed is sent again on request, under the same id', async (t) => {
  const receiver = await openReceiver(t, 410);
  const { call, create, upload, deliveries } = await openWebhookSystem(t);
  await create({ url: receiver.url });
  await upload();
  const failed = await until('it failed', async () => (await deliveries('?status=failed')).deliveries[0]);
  t.like(failed, { last_status_code: 410, next_attempt_at: null });
  receiver.answers(204);
  const path = `/api/webhooks/deliveries/${failed.id}/redeliver`;
  const answer = await call('POST', path);
  t.deepEqual([answer.status, answer.body], [202, { id: failed.id, status: 'pending' }]);
  await receiver.got(2);
  const delivered = await until(
    'it arrived',
    async () => (await deliveries('?status=delivered')).deliveries[0],
  );
  t.like(delivered, { id: failed.id, attempts: 2, last_error: null });
  t.is(receiver.received[0]?.id, receiver.received[1]?.id);

  const twice = { 'Idempotency-Key': 'once' };
  await call('POST', path, undefined, 'anna', twice);
  t.is((await call('POST', path, undefined, 'anna', twice)).headers.get('Idempotency-Replayed'), 'true');
  await until('once more', async () => (await deliveries('?status=delivered')).deliveries[0]?.attempts === 3);
  t.is(receiver.received.length, 3);
});

test.serial('the log goes by pages, the newest first', async (t) => {
  const receiver = await openReceiver(t);
  const { create, upload, deliveries } = await openWebhookSystem(t);
  await create({ url: receiver.url });
  const jobs = [await upload(), await upload(), await upload()].map(({ job_id }) => job_id);
  const first = await deliveries('?per_page=2');
  t.like(first, { page: 1, per_page: 2, total: 3, total_pages: 2 });
  const second = await deliveries('?per_page=2&page=2');
  const ids = [...first.deliveries, ...second.deliveries].map((one: Delivery) => one.job_id);
  t.deepEqual(ids, jobs.toReversed());
  t.deepEqual((await deliveries('?per_page=2&page=3')).deliveries, []);
});
