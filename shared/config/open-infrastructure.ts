import type { Bus } from '../bus/bus.ts';
import { ensureTopics } from '../bus/kafka/ensure-topics.ts';
import { openKafkaBus } from '../bus/kafka-bus.ts';
import type { Cache } from '../cache/cache.ts';
import { openRedisCache } from '../cache/redis-cache.ts';
import { deadLetterSettings, topicSettings } from '../contracts/topics.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { S3Settings } from '../objects/s3/connection.ts';
import { openS3Store } from '../objects/s3-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import { readEnvironment } from './read-environment.ts';
import { kafkaSettings, objectSettings, redisSettings } from './settings.ts';

/** Kafka as `KAFKA_BROKERS` names it, with every topic there. */
export async function openBusFromEnvironment(clientId: string, log: Logger): Promise<Bus> {
  const { KAFKA_BROKERS: brokers } = readEnvironment(kafkaSettings);
  await ensureTopics({ brokers, settings: [...topicSettings, ...deadLetterSettings], log });
  return openKafkaBus({ brokers, clientId, log });
}

/** The `S3_*` settings. */
export function s3FromEnvironment(): S3Settings {
  const settings = readEnvironment(objectSettings);
  return {
    endpoint: settings.S3_ENDPOINT,
    ...(settings.S3_PUBLIC_ENDPOINT ? { publicEndpoint: settings.S3_PUBLIC_ENDPOINT } : {}),
    accessKey: settings.S3_ACCESS_KEY,
    secretKey: settings.S3_SECRET_KEY,
    bucket: settings.S3_BUCKET,
  };
}

/** The S3 store of the `S3_*` settings. */
export const openObjectsFromEnvironment = (): Promise<ObjectStore> => openS3Store(s3FromEnvironment());

/** The Redis of `REDIS_URL`. */
export function openCacheFromEnvironment(log: Logger): Promise<Cache> {
  return openRedisCache(readEnvironment(redisSettings).REDIS_URL, log);
}
