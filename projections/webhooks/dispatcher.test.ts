import { randomUUID } from 'node:crypto';
import { webhookSecret } from '@transcodeflow/shared/secrets/webhook-secret.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { events } from '../testing/histories.ts';
import { endpointCreated, openWebhooks, SECRET_KEY } from './testing/bench.ts';
import { happen } from './testing/happen.ts';
import { openReceiver, verified } from './testing/receiver.ts';

test.serial(
  'an endpoint that was down gets everything when it is back, under the same ids; the log tells',
  async (t) => {
    const receiver = await openReceiver(t);
    const webhooks = await openWebhooks(t);
    webhooks.dispatcher();
    const endpoint = endpointCreated(receiver.url);
    await webhooks.publish([webhooks.ofAccount(endpoint)]);
    await receiver.goDown();
    const ids = await happen(webhooks, 5);
    const tried = (times: number) =>
      until(`${times} attempts each`, async () => {
        const ended = await webhooks.rows<{ count: string }>(
          'select count(*) from webhook.attempt where finished_at is not null',
        );
        return Number(ended[0]?.count) === 5 * times;
      });
    await tried(1);
    await webhooks.timePasses();
    await tried(2);
    receiver.answers((response) => response.writeHead(503).end('busy with myself'));
    await receiver.comeBack();
    await webhooks.timePasses();
    await tried(3);
    receiver.answers(200);
    await webhooks.timePasses();
    await webhooks.settled('delivered', 5);
    t.deepEqual(receiver.received.map(({ id }) => id).toSorted(), [...ids, ...ids].toSorted());
    for (const one of receiver.received)
      t.notThrows(() => verified(webhookSecret(SECRET_KEY, endpoint.data.id), one));
    const [first] = await webhooks.deliveries();
    t.like(first, { attempts: 4, last_status: 200, last_error: null });
    const unreachable = {
      status_code: null,
      error: 'The server could not be reached.',
      response: null,
      ended: true,
    };
    t.deepEqual(await webhooks.attempts(first!.delivery_id), [
      { number: 1, ...unreachable },
      { number: 2, ...unreachable },
      {
        number: 3,
        status_code: 503,
        error: 'The receiver answered 503.',
        response: 'busy with myself',
        ended: true,
      },
      { number: 4, status_code: 200, error: null, response: '', ended: true },
    ]);
  },
);

test.serial('retries follow the schedule, heed Retry-After, and end', async (t) => {
  const receiver = await openReceiver(t, 500);
  const webhooks = await openWebhooks(t);
  const asked: unknown[] = [];
  webhooks.dispatcher({
    schedule(attempts, random, retryAfterMs) {
      asked.push([attempts, retryAfterMs]);
      t.true(random >= 0 && random < 1);
      return [100_000, 5_000_000][attempts - 1];
    },
  });
  await webhooks.publish([webhooks.ofAccount(endpointCreated(receiver.url))]);
  await happen(webhooks, 1);
  const afterAttempt = (number: number) =>
    until(`attempt ${number} is kept`, async () => {
      const [delivery] = await webhooks.deliveries();
      const ended = (await webhooks.attempts(delivery?.delivery_id ?? '')).filter(({ ended }) => ended);
      // Read again: the attempt may have been kept after the delivery was looked at.
      return ended.length === number && (await webhooks.deliveries())[0];
    });
  const first = await afterAttempt(1);
  t.true(first.due_in_ms > 90_000 && first.due_in_ms <= 100_000, `${first.due_in_ms}`);
  receiver.answers((response) => response.writeHead(429, { 'Retry-After': '7' }).end());
  await webhooks.timePasses();
  const second = await afterAttempt(2);
  t.true(second.due_in_ms > 4_900_000 && second.due_in_ms <= 5_000_000, `${second.due_in_ms}`);
  await webhooks.timePasses();
  const last = await afterAttempt(3);
  t.like(last, { status: 'failed', last_status: 429, last_error: 'The receiver answered 429.' });
  t.deepEqual(asked, [
    [1, undefined],
    [2, 7_000],
    [3, 7_000],
  ]);
});

test.serial('410 Gone ends a delivery at once; a redirect is not followed', async (t) => {
  const elsewhere = await openReceiver(t);
  const receiver = await openReceiver(t, (response, { type }) => {
    if (type === 'job.cancelled') response.writeHead(410).end();
    else response.writeHead(307, { Location: elsewhere.url }).end();
  });
  const webhooks = await openWebhooks(t);
  webhooks.dispatcher();
  await webhooks.publish([webhooks.ofAccount(endpointCreated(receiver.url))]);
  const job = randomUUID();
  await webhooks.publish([webhooks.ofJob(job, events.requested(job)), webhooks.ofJob(job, events.cancelled)]);
  await webhooks.settled('failed', 1);
  const redirected = await until('the other was tried', async () => {
    const [delivery] = await webhooks.deliveries();
    return delivery?.last_status === 307 && delivery;
  });
  t.is(redirected.status, 'pending');
  t.regex(redirected.last_error ?? '', /redirects are not followed/);
  t.is((await webhooks.deliveries())[1]?.attempts, 1);
  t.deepEqual(elsewhere.received, []);
});

test.serial('SSRF: what is not public is not asked, and the log does not tell more', async (t) => {
  const receiver = await openReceiver(t);
  const webhooks = await openWebhooks(t);
  webhooks.dispatcher({ fetch: webhooks.publicOnly });
  const { port } = new URL(receiver.url);
  await webhooks.publish(
    [
      receiver.url,
      `http://localhost:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      'http://169.254.169.254/',
    ].map((url) => webhooks.ofAccount(endpointCreated(url))),
  );
  await happen(webhooks, 1);
  const deliveries = await until('each was tried', async () => {
    const all = await webhooks.deliveries();
    return all.every(({ last_error }) => last_error !== null) && all;
  });
  t.is(deliveries.length, 4);
  for (const { last_error } of deliveries) t.is(last_error, 'The host of the URL has no public address.');
  t.deepEqual(receiver.received, []);
});

test.serial('no more than 1 KiB of an answer is kept, and one without end is cut off', async (t) => {
  const receiver = await openReceiver(t, (response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    const more = () => {
      while (!response.destroyed && response.write('x\0'.repeat(500)));
    };
    response.on('drain', more);
    more();
  });
  const webhooks = await openWebhooks(t);
  webhooks.dispatcher();
  await webhooks.publish([webhooks.ofAccount(endpointCreated(receiver.url))]);
  await happen(webhooks, 1);
  await webhooks.settled('delivered', 1);
  const [delivery] = await webhooks.deliveries();
  const [attempt] = await webhooks.attempts(delivery!.delivery_id);
  t.is(attempt?.response, 'x'.repeat(512));
});

test.serial('a redelivery begins another round, once per request', async (t) => {
  const receiver = await openReceiver(t, 410);
  const webhooks = await openWebhooks(t);
  const asked: number[] = [];
  webhooks.dispatcher({
    schedule(attempts) {
      asked.push(attempts);
      return 100_000;
    },
  });
  await webhooks.publish([webhooks.ofAccount(endpointCreated(receiver.url))]);
  const [id] = await happen(webhooks, 1);
  await webhooks.settled('failed', 1);
  const delivery_id = (await webhooks.deliveries())[0]!.delivery_id;
  const request = (account_id: string) =>
    webhooks.ofAccount(
      { type: 'WebhookRedeliveryRequested', data: { delivery_id, account_id, by: 'test' } },
      delivery_id,
    );
  await webhooks.publish([
    webhooks.ofAccount(
      { type: 'WebhookRedeliveryRequested', data: { delivery_id, account_id: 'account-2', by: 'test' } },
      'somebody else',
    ),
  ]);
  t.is((await webhooks.deliveries())[0]?.status, 'failed', "another account's request changes nothing");
  receiver.answers(500);
  const again = request('account-1');
  await webhooks.publish([again]);
  await until('it was tried again', async () => (await webhooks.deliveries())[0]?.last_status === 500);
  t.deepEqual(asked, [1], 'the schedule begins anew');
  receiver.answers(204);
  await webhooks.timePasses();
  await webhooks.settled('delivered', 1);
  await webhooks.publish([again]);
  t.is((await webhooks.deliveries())[0]?.status, 'delivered', 'the same request is heeded once');
  await webhooks.publish([request('account-1')]);
  await receiver.got(4);
  await webhooks.settled('delivered', 1);
  t.true(receiver.received.every((one) => one.id === id));
});
