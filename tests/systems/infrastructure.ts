import { Wait } from 'testcontainers';
import { type KafkaBroker, startKafka } from './kafka-broker.ts';
import { type Restartable, startRestartable } from './restartable.ts';

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
  kafka: KafkaBroker;
  postgres: Restartable;
  redis: Restartable;
  minio: Restartable;
  close(): Promise<void>;
}

const SECRET = 'only-for-these-tests';

/** Real Kafka, Postgres, Redis and MinIO in containers of this test's own, each of which can be killed and started again. */
export async function startInfrastructure(): Promise<Infrastructure> {
  const [kafka, postgres, redis, minio] = await Promise.all([
    startKafka(),
    startRestartable('postgres:18', 5432, {
      environment: {
        POSTGRES_USER: 'transcodeflow',
        POSTGRES_PASSWORD: SECRET,
        POSTGRES_DB: 'transcodeflow',
      },
      // The first time is that of the server that sets the data folder up.
      ready: Wait.forLogMessage(/database system is ready to accept connections/, 2),
    }),
    startRestartable('redis:7', 6379, { ready: Wait.forLogMessage('Ready to accept connections') }),
    startRestartable('minio/minio:latest', 9000, {
      environment: { MINIO_ROOT_USER: 'transcodeflow', MINIO_ROOT_PASSWORD: SECRET },
      command: ['server', '/data'],
      ready: Wait.forHttp('/minio/health/live', 9000),
    }),
  ]);
  return {
    env: {
      KAFKA_BROKERS: kafka.brokers.join(','),
      DATABASE_URL: `postgres://transcodeflow:${SECRET}@${postgres.host}:${postgres.port}/transcodeflow`,
      REDIS_URL: `redis://${redis.host}:${redis.port}`,
      S3_ENDPOINT: `http://${minio.host}:${minio.port}`,
      S3_ACCESS_KEY: 'transcodeflow',
      S3_SECRET_KEY: SECRET,
      S3_BUCKET: 'transcodeflow',
    },
    kafka,
    postgres,
    redis,
    minio,
    async close() {
      await Promise.all([kafka, postgres, redis, minio].map((container) => container.stop()));
    },
  };
}
