import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Admin, Kafka, logLevel } from 'kafkajs';
import type { TopicSettings } from '../../contracts/topics.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { createKafkaLog } from './log-creator.ts';
import { clientRetries } from './retries.ts';

const LEADERS_TIMEOUT_MS = 30_000;

export interface EnsureTopicsOptions {
  brokers: string[];
  settings: readonly TopicSettings[];
  log: Logger;
}

/**
 * Creates the topics that are missing, replicated over all brokers but at most 3. Existing ones are left as they
 * are, because more partitions would send a job's later events elsewhere; what differs is logged.
 * @returns the topics created
 */
export const ensureTopics = async ({ brokers, settings, log }: EnsureTopicsOptions): Promise<string[]> => {
  const kafka = new Kafka({
    brokers,
    clientId: 'ensure-topics',
    connectionTimeout: 3_000,
    retry: clientRetries,
    logLevel: logLevel.INFO,
    logCreator: createKafkaLog(log),
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const before = new Set(await admin.listTopics());
    const missing = settings.filter(({ topic }) => !before.has(topic));
    await createTopics(admin, missing);
    await waitForLeaders(
      admin,
      missing.map(({ topic }) => topic),
    );
    await logDifferences(
      admin,
      settings.filter(({ topic }) => before.has(topic)),
      log,
    );
    return missing.map(({ topic }) => topic);
  } finally {
    await admin.disconnect();
  }
};

const createTopics = async (admin: Admin, missing: readonly TopicSettings[]): Promise<void> => {
  if (missing.length === 0) return;
  const { brokers } = await admin.describeCluster();
  // Answers false when another instance created one of them first: that is as good.
  await admin.createTopics({
    // kafkajs's own waiting gives up when the metadata does not know the topic yet.
    waitForLeaders: false,
    topics: missing.map(({ topic, partitions, config }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: Math.min(3, brokers.length),
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    })),
  });
};

const waitForLeaders = async (admin: Admin, topics: string[]): Promise<void> => {
  const deadline = Date.now() + LEADERS_TIMEOUT_MS;
  while (topics.length > 0) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics });
      if (metadata.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
      throw new Error('Some partitions have no leader.');
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`The new topics ${topics.join(', ')} are not ready after ${LEADERS_TIMEOUT_MS} ms.`, {
          cause: error,
        });
    }
    await delay(50);
  }
};

const logDifferences = async (
  admin: Admin,
  existing: readonly TopicSettings[],
  log: Logger,
): Promise<void> => {
  if (existing.length === 0) return;
  const { topics } = await admin.fetchTopicMetadata({ topics: existing.map(({ topic }) => topic) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: existing.map(({ topic, config }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: topic,
      configNames: Object.keys(config),
    })),
  });
  for (const { topic, partitions, config } of existing) {
    const found = topics.find(({ name }) => name === topic)?.partitions.length;
    if (found !== partitions)
      log.warn({ topic, found, wanted: partitions }, 'a topic has other partitions than wanted');
    const entries = resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
    for (const [name, wanted] of Object.entries(config)) {
      const value = entries.find(({ configName }) => configName === name)?.configValue;
      if (value !== wanted)
        log.warn({ topic, setting: name, found: value, wanted }, 'a topic is configured otherwise');
    }
  }
};
