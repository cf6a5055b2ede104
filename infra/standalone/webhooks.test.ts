import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryBytes } from '@transcodeflow/command-service/resumable/directory-bytes.ts';
import { startCommandService } from '@transcodeflow/command-service/start.ts';
import { form, videoBytes } from '@transcodeflow/command-service/testing/http.ts';
import { startProjections } from '@transcodeflow/projections/start.ts';
import { openReceiver, verified } from '@transcodeflow/projections/webhooks/testing/receiver.ts';
import { startQueryService } from '@transcodeflow/query-service/start.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import {
  CreatedWebhook,
  type Delivery,
  DeliveryList,
  DeliveryWithLog,
  MOST_WEBHOOKS,
  Webhook,
  WebhookList,
  WebhookSecret,
} from '@transcodeflow/shared/contracts/rest/webhooks.ts';
import { lifecycleEvents } from '@transcodeflow/shared/contracts/webhook-events.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { silentLogger as log } from '@transcodeflow/shared/telemetry/logger.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { createGateway } from './gateway.ts';

const SECRET = 'a-secret-of-more-than-32-characters!';
const UNKNOWN = '019b7a11-7000-7000-8000-00000000000a';
const NOT_AN_ID = 'x%27--';
const keys: Record<string, ReturnType<typeof identity>> = {
  anna: identity('anna', 'read', 'write'),
  bert: identity('bert', 'read', 'write'),
  reader: identity('anna', 'read'),
  writer: identity('anna', 'write'),
};

/** Commands, projections and queries as the embedded system composes them, without a processor: jobs stay queued. */
async function open(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-webhooks-'));
  const databaseUrl = await testDatabase(t);
  const pool = openPool({ url: databaseUrl, name: 'test', max: 1, log });
  const bus = createInProcessBus();
  const objects = await openDirectoryStore(join(folder, 'objects'));
  const allow = ['127.0.0.1/32'];
  const projections = await startProjections({
    url: databaseUrl,
    bus,
    log,
    webhooks: { secretKey: SECRET, allowPrivateAddresses: allow },
  });
  const ring = { identify: async (key: string) => keys[key] };
  const common = {
    databaseUrl,
    bus,
    cache: createMemoryCache(),
    objects,
    keys: ring,
    secretKey: SECRET,
    log,
  };
  const queries = await startQueryService({ ...common, publicUrl: undefined });
  const commands = await startCommandService({
    ...common,
    mostUploadBytes: 1_000_000,
    uploadBytes: await openDirectoryBytes(join(folder, 'uploads'), objects),
    allowAddresses: allow,
    relayBatch: { events: 100, tasks: 1 },
    soleProcessor: true,
  });
  commands.startRelay();
  const server = await listen(createGateway(commands, queries, log), 0, '127.0.0.1');
  t.teardown(async () => {
    await server.close();
    await commands.close();
    await queries.close();
    await projections.close();
    await bus.close();
    await pool.end();
    await rm(folder, { recursive: true, force: true });
  });
  async function call(method: string, path: string, body?: unknown, key = 'anna', headers = {}) {
    const answer = await fetch(server.url + path, {
      method,
      headers: {
        ...(key ? { 'X-API-Key': key } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: Object(await answer.json()) };
  }
  return {
    call,
    pool,
    get: (path: string, key?: string) => call('GET', path, undefined, key),
    async create(body: object, key = 'anna', headers = {}): Promise<CreatedWebhook> {
      const answer = await call('POST', '/api/webhooks', body, key, headers);
      t.is(answer.status, 201, JSON.stringify(answer.body));
      return CreatedWebhook.parse(answer.body);
    },
    async upload(options: object = {}, key = 'anna', status = 200) {
      const answer = await fetch(`${server.url}/api/upload`, {
        method: 'POST',
        headers: { 'X-API-Key': key },
        body: form({ options: JSON.stringify(options), file: videoBytes() }),
      });
      t.is(answer.status, status);
      return Object(await answer.json());
    },
    deliveries: async (query = '') =>
      DeliveryList.parse((await call('GET', `/api/webhooks/deliveries${query}`)).body),
  };
}

test.serial(
  'a webhook is there as soon as it was made, gets what happens, and is gone when it is deleted',
  async (t) => {
    const receiver = await openReceiver(t);
    const { call, get, create, upload, deliveries } = await open(t);
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
  const { get, upload, deliveries } = await open(t);
  const { job_id: job } = await upload({ webhook: { url: receiver.url } });
  const [received] = await receiver.got(1);
  const { secret } = WebhookSecret.parse((await get('/api/webhooks/secret')).body);
  t.like(verified(secret, received!), { type: 'job.requested', data: { job_id: job } });
  const list = await deliveries();
  t.like(list.deliveries[0], { job_id: job, endpoint_id: null, url: receiver.url });
  t.not(secret, Object((await get('/api/webhooks/secret', 'bert')).body).secret);
});

test.serial(
  'a job that would have an address inside told of it is refused, and nothing of it stays',
  async (t) => {
    const { call, upload, get } = await open(t);
    const webhook = { url: 'http://169.254.169.254/' };
    const asked = await call('POST', '/api/jobs', { source: { upload_id: UNKNOWN }, webhook });
    t.like(asked, { status: 422, body: { code: 'invalid_fields' } });
    t.deepEqual(Object.keys(asked.body.errors), ['webhook.url']);
    t.is(
      (await upload({ webhook }, 'anna', 400)).errors['webhook.url'],
      'must not name an address that is not public',
    );
    t.is((await get('/api/jobs')).body.total, 0);
  },
);

test.serial('a delivery that failed is sent again on request, under the same id', async (t) => {
  const receiver = await openReceiver(t, 410);
  const { call, create, upload, deliveries } = await open(t);
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

test.serial('what is refused says why, and does not happen', async (t) => {
  const receiver = await openReceiver(t);
  const { call, get, create, upload, deliveries } = await open(t);
  const webhook = await create({ url: receiver.url });
  await upload();
  const delivery = await until(
    'it arrived',
    async () => (await deliveries('?status=delivered')).deliveries[0],
  );
  const codes = async (answers: ReturnType<typeof call>[]) =>
    (await Promise.all(answers)).map(({ status, body }) => `${status} ${body.code}`);
  const post = (body: unknown) => call('POST', '/api/webhooks', body);
  const url = receiver.url;
  for (const [body, field] of [
    [{}, 'url'],
    [{ url: 'ftp://example.com/' }, 'url'],
    [{ url: 'http://169.254.169.254/latest/meta-data' }, 'url'],
    [{ url: 'http://[::1]:80/' }, 'url'],
    [{ url: 'http://10.1.2.3/' }, 'url'],
    [{ url: 'http://2130706434/' }, 'url'],
    [{ url: 'https://user:secret@example.com/' }, 'url'],
    [{ url: `https://example.com/${'x'.repeat(2048)}` }, 'url'],
    [{ url, events: [] }, 'events'],
    [{ url, events: ['job.exploded'] }, 'events.0'],
    [{ url, events: ['*', '*'] }, 'events'],
    [{ url, description: 'a\nb' }, 'description'],
    [{ url, secret: 'mine' }, 'secret'],
  ] as const) {
    const answer = await post(body);
    t.is(`${answer.status} ${answer.body.code}`, '400 invalid_request', JSON.stringify(body));
    t.deepEqual(Object.keys(answer.body.errors), [field], JSON.stringify(body));
  }
  const of = (id: string) =>
    [
      ['GET', `/api/webhooks/${id}`],
      ['GET', `/api/webhooks/secret?webhook_id=${id}`],
      ['DELETE', `/api/webhooks/${id}`],
    ] as const;
  const ofDelivery = (id: string) =>
    [
      ['GET', `/api/webhooks/deliveries/${id}`],
      ['POST', `/api/webhooks/deliveries/${id}/redeliver`],
    ] as const;
  const by = (calls: readonly (readonly [string, string])[], key: string) =>
    codes(calls.map(([method, path]) => call(method, path, undefined, key)));
  for (const id of [UNKNOWN, NOT_AN_ID]) {
    const malformed = id === NOT_AN_ID ? '400 invalid_request' : '404 webhook_not_found';
    const found = await by(of(id), 'anna');
    t.deepEqual(found, ['404 webhook_not_found', malformed, '404 webhook_not_found']);
    t.deepEqual(await by(ofDelivery(id), 'anna'), Array(2).fill('404 delivery_not_found'));
  }
  t.deepEqual(await by(of(webhook.id), 'bert'), Array(3).fill('403 webhook_of_another_account'));
  t.deepEqual(await by(ofDelivery(delivery.id), 'bert'), Array(2).fill('403 delivery_of_another_account'));
  t.deepEqual(
    await by(
      [of(webhook.id)[1], of(webhook.id)[2], ofDelivery(delivery.id)[1], ['GET', '/api/webhooks/secret']],
      'reader',
    ),
    Array(4).fill('403 scope_missing'),
  );
  t.deepEqual(
    await by([['GET', '/api/webhooks'], of(webhook.id)[0], ofDelivery(delivery.id)[0]], 'writer'),
    Array(3).fill('403 scope_missing'),
  );
  t.deepEqual((await get('/api/webhooks', 'bert')).body, { webhooks: [] });
  t.is((await get('/api/webhooks/deliveries', 'bert')).body.total, 0);
  for (const query of ['status=lost', 'job_id=1', 'page=0', 'per_page=101', 'page=1001', 'job=1'])
    t.is((await get(`/api/webhooks/deliveries?${query}`)).body.code, 'invalid_request', query);
  await call('DELETE', `/api/webhooks/${webhook.id}`);
  t.deepEqual(
    await by([of(webhook.id)[2], ofDelivery(delivery.id)[1]], 'anna'),
    Array(2).fill('404 webhook_not_found'),
  );
  t.is(receiver.received.length, 1);
});

test.serial('of many at once no more than the limit are made; one that is deleted makes room', async (t) => {
  const { call, get, create } = await open(t);
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
  const { create, get, pool } = await open(t);
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

test.serial('the log goes by pages, the newest first', async (t) => {
  const receiver = await openReceiver(t);
  const { create, upload, deliveries } = await open(t);
  await create({ url: receiver.url });
  const jobs = [await upload(), await upload(), await upload()].map(({ job_id }) => job_id);
  const first = await deliveries('?per_page=2');
  t.like(first, { page: 1, per_page: 2, total: 3, total_pages: 2 });
  const second = await deliveries('?per_page=2&page=2');
  const ids = [...first.deliveries, ...second.deliveries].map((one: Delivery) => one.job_id);
  t.deepEqual(ids, jobs.toReversed());
  t.deepEqual((await deliveries('?per_page=2&page=3')).deliveries, []);
});
