import { fork } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { createDeliveries } from './deliveries.ts';
import { endpointCreated, openWebhooks } from './testing/bench.ts';
import { happen } from './testing/happen.ts';
import { openReceiver } from './testing/receiver.ts';

test.serial(
  'a dispatcher that is killed between sending and keeping: another sends again, under the same id',
  async (t) => {
    const receiver = await openReceiver(t);
    const webhooks = await openWebhooks(t);
    await webhooks.publish([webhooks.ofAccount(endpointCreated(receiver.url))]);
    const [id] = await happen(webhooks, 1);
    const child = fork(new URL('./testing/dispatcher-process.ts', import.meta.url), [webhooks.url]);
    receiver.answers(() => child.kill('SIGKILL'));
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    t.is(signal, 'SIGKILL');
    const [abandoned] = await webhooks.deliveries();
    t.like(abandoned, { status: 'pending', attempts: 1 });
    t.true((abandoned?.due_in_ms ?? 0) > 30_000, 'nobody takes it before its lease ends');
    receiver.answers(204);
    webhooks.dispatcher();
    await webhooks.timePasses();
    await webhooks.settled('delivered', 1);
    t.deepEqual(
      receiver.received.map((one) => one.id),
      [id, id],
    );
    const attempts = await webhooks.attempts(abandoned!.delivery_id);
    t.deepEqual(
      attempts.map(({ ended, status_code }) => [ended, status_code]),
      [
        [false, null],
        [true, 204],
      ],
    );
  },
);

test.serial('who has lost a delivery to another dispatcher changes only the log', async (t) => {
  const webhooks = await openWebhooks(t);
  await webhooks.publish([webhooks.ofAccount(endpointCreated('https://example.com/'))]);
  await happen(webhooks, 1);
  const deliveries = createDeliveries(webhooks.pool);
  const claim = () => deliveries.claim({ most: 9, perLane: 4, busy: new Map(), leaseMs: 60_000 });
  const [stale] = await claim();
  t.deepEqual(await claim(), [], 'it is taken');
  await webhooks.timePasses();
  const [current] = await claim();
  await deliveries.keep(stale!, { status: 'failed', error: 'too late' });
  t.like((await webhooks.deliveries())[0], { status: 'pending', last_error: null });
  await deliveries.keep(current!, { status: 'delivered', statusCode: 200 });
  await deliveries.keep(current!, { status: 'pending', statusCode: 500 });
  t.like((await webhooks.deliveries())[0], { status: 'delivered', attempts: 2, last_status: 200 });
  t.is((await webhooks.attempts(stale!.delivery_id))[0]?.error, 'too late');
});

test.serial('dispatchers share the work and send nothing twice', async (t) => {
  const receivers = await Promise.all([openReceiver(t), openReceiver(t), openReceiver(t)]);
  const webhooks = await openWebhooks(t);
  await webhooks.publish(receivers.map(({ url }) => webhooks.ofAccount(endpointCreated(url))));
  const ids = await happen(webhooks, 60);
  for (let n = 0; n < 3; n += 1) webhooks.dispatcher();
  await webhooks.settled('delivered', 180);
  for (const { received } of receivers) t.deepEqual(received.map(({ id }) => id).toSorted(), ids.toSorted());
  t.true((await webhooks.deliveries()).every(({ attempts }) => attempts === 1));
});

test.serial('a receiver that does not answer holds up nobody, and has four requests at most', async (t) => {
  const slow = await openReceiver(t, () => {});
  const quick = await openReceiver(t);
  const webhooks = await openWebhooks(t);
  webhooks.dispatcher();
  await webhooks.publish([webhooks.ofAccount(endpointCreated(slow.url))]);
  await happen(webhooks, 100);
  await webhooks.publish([webhooks.ofAccount(endpointCreated(quick.url))]);
  const ids = await happen(webhooks, 40);
  await webhooks.settled('delivered', 40);
  t.deepEqual(quick.received.map(({ id }) => id).toSorted(), ids.toSorted());
  t.is(slow.received.length, 4);
  slow.answers(204);
});

test.serial(
  'what is under way when a dispatcher closes is broken off and made again by the next',
  async (t) => {
    const receiver = await openReceiver(t, () => {});
    const webhooks = await openWebhooks(t);
    const first = webhooks.dispatcher({ graceMs: 1 });
    await webhooks.publish([webhooks.ofAccount(endpointCreated(receiver.url))]);
    const [id] = await happen(webhooks, 1);
    await receiver.got(1);
    await first.close();
    const [delivery] = await webhooks.deliveries();
    t.like(delivery, { status: 'pending', last_error: 'Broken off because the service was stopped.' });
    receiver.answers(204);
    webhooks.dispatcher();
    await webhooks.settled('delivered', 1);
    t.deepEqual(
      receiver.received.map((one) => one.id),
      [id, id],
    );
  },
);
