import { MinioContainer } from '@testcontainers/minio';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { RedisContainer } from '@testcontainers/redis';
import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { type KafkaBroker, startKafka } from './kafka-broker.ts';

export interface Infrastructure {
  /** The settings that lead to it. */
  env: {
    KAFKA_BROKERS: string;
    DATABASE_URL: string;
    REDIS_URL: string;
    S3_ENDPOINT: string;
    S3_ACCESS_KEY: string;
    S3_SECRET_KEY: string;
    S3_BUCKET: string;
  };
  /** Killed and started again, it keeps its address and data. */
  kafka: Pick<KafkaBroker, 'kill' | 'start'>;
  /** Paused, it keeps its connections open and answers nothing. */
  redis: { pause(): Promise<void>; unpause(): Promise<void> };
  close(): Promise<void>;
}

/** Real Kafka, Postgres, Redis and MinIO in containers of this test's own. */
export async function startInfrastructure(): Promise<Infrastructure> {
  const [kafka, postgres, redis, minio] = await Promise.all([
    startKafka(),
    new PostgreSqlContainer('postgres:18').start(),
    new RedisContainer('redis:7').start(),
    new MinioContainer('minio/minio:latest').start(),
  ]);
  const client = await getContainerRuntimeClient();
  const redisContainer = client.container.getById(redis.getId());
  const containers: StartedTestContainer[] = [postgres, redis, minio];
  return {
    env: {
      KAFKA_BROKERS: kafka.brokers.join(','),
      DATABASE_URL: postgres.getConnectionUri(),
      REDIS_URL: redis.getConnectionUrl(),
      S3_ENDPOINT: minio.getConnectionUrl(),
      S3_ACCESS_KEY: minio.getUsername(),
      S3_SECRET_KEY: minio.getPassword(),
      S3_BUCKET: 'transcodeflow',
    },
    kafka,
    redis: { pause: () => redisContainer.pause(), unpause: () => redisContainer.unpause() },
    async close() {
      await Promise.all([kafka.stop(), ...containers.map((container) => container.stop())]);
    },
  };
}
