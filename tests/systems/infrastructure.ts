import { MinioContainer } from '@testcontainers/minio';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { RedisContainer } from '@testcontainers/redis';
import type { StartedTestContainer } from 'testcontainers';
import { startKafka } from './kafka-broker.ts';

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
    async close() {
      await Promise.all([kafka.stop(), ...containers.map((container) => container.stop())]);
    },
  };
}
