import { openReceiver } from '@transcodeflow/projections/webhooks/testing/receiver.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { openWebhookSystem } from './testing/webhook-system.ts';

const UNKNOWN = '019b7a11-7000-7000-8000-00000000000a';
const NOT_AN_ID = 'x%27--';

test.serial(
  'a job that would have an address inside told of it is refused, and nothing of it stays',
  async (t) => {
    const { call, upload, get } = await openWebhookSystem(t);
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

test.serial('what is refused says why, and does not happen', async (t) => {
  const receiver = await openReceiver(t);
  const { call, get, create, upload, deliveries } = await openWebhookSystem(t);
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
