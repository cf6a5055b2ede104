import { randomUUID } from 'node:crypto';
import { ensureTopics } from '@transcodeflow/shared/bus/kafka/ensure-topics.ts';
import { openKafkaBus } from '@transcodeflow/shared/bus/kafka-bus.ts';
import { deadLetterSettings, topicSettings } from '@transcodeflow/shared/contracts/topics.ts';
import { webhookSecret } from '@transcodeflow/shared/secrets/webhook-secret.ts';
import { silentLogger as log } from '@transcodeflow/shared/telemetry/logger.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { Webhook } from 'standardwebhooks';
import { events } from '../../projections/testing/histories.ts';
import { endpointCreated, openWebhooks, SECRET_KEY } from '../../projections/webhooks/testing/bench.ts';
import { openReceiver } from '../../projections/webhooks/testing/receiver.ts';
import { startKafka } from '../systems/kafka-broker.ts';

test('over Kafka: what is read again from the beginning makes no second delivery, and nothing is missed', async (t) => {
  const kafka = await startKafka();
  t.teardown(() => kafka.stop());
  const { brokers } = kafka;
  await ensureTopics({ brokers, settings: [...topicSettings, ...deadLetterSettings], log });
  const bus = await openKafkaBus({ brokers, clientId: 'webhooks', log });
  const receiver = await openReceiver(t);
  const webhooks = await openWebhooks(t, { bus });
  webhooks.dispatcher();
  const jobs = Array.from({ length: 30 }, () => randomUUID());
  const endpoint = endpointCreated(receiver.url);
  await webhooks.publish([webhooks.ofAccount(endpoint)]);
  await webhooks.publish(jobs.map((job) => webhooks.ofJob(job, events.requested(job))));
  await webhooks.settled('delivered', 30);

  await webhooks.restart(() => webhooks.rows('update read_model.checkpoint set next_offset = 0'));
  const more = jobs.map((job) => webhooks.ofJob(job, events.cancelled));
  await webhooks.publish(more);
  await webhooks.settled('delivered', 60);
  await until('everything was read', async () => (await webhooks.lag()) === 0);
  t.is((await webhooks.deliveries()).length, 60);
  t.is(new Set(receiver.received.map(({ id }) => id)).size, 60);
  t.is(receiver.received.length, 60);
  const webhook = new Webhook(webhookSecret(SECRET_KEY, endpoint.data.id));
  for (const { body, headers } of receiver.received)
    t.notThrows(() => webhook.verify(body, headers as Record<string, string>));
  const [{ offset } = { offset: '0' }] = await webhooks.rows<{ offset: string }>(
    `select sum(next_offset) as offset from read_model.checkpoint where topic = 'transcodeflow.jobs'`,
  );
  t.is(Number(offset), 60, 'the checkpoints stand behind the last event');
});
