import { openS3Store } from '@transcodeflow/shared/objects/s3-store.ts';
import { startChild, stopCleanly } from './child-service.ts';
import { startInfrastructure } from './infrastructure.ts';
import type { SystemUnderTest } from './system-under-test.ts';

const API_KEY = 'real-stack-key-for-the-tests';

/** Each service a process of its own, over real Kafka, Postgres, Redis and MinIO. */
export async function startRealStack(): Promise<SystemUnderTest> {
  const infrastructure = await startInfrastructure();
  const env = {
    ...infrastructure.env,
    BOOTSTRAP_API_KEY: API_KEY,
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
  };
  const start = (script: string) => startChild(script, env);
  const projections = start('projections/main.ts');
  await projections.printed(/"msg":"listening"/);
  const [commands, queries, processors] = [
    start('command-service/main.ts'),
    start('query-service/main.ts'),
    start('processors/main.ts'),
  ];
  const portOf = async (service: typeof commands) =>
    (await service.printed(/"port":(\d+),"msg":"listening"/))[1];
  const [commandPort, queryPort] = await Promise.all([portOf(commands), portOf(queries), portOf(processors)]);
  const { S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY, S3_BUCKET } = infrastructure.env;
  const objects = await openS3Store({
    endpoint: S3_ENDPOINT,
    accessKey: S3_ACCESS_KEY,
    secretKey: S3_SECRET_KEY,
    bucket: S3_BUCKET,
  });
  return {
    commandUrl: `http://127.0.0.1:${commandPort}`,
    queryUrl: `http://127.0.0.1:${queryPort}`,
    apiKey: API_KEY,
    objects,
    processorPid: () => processors.pid,
    async close() {
      await objects.close();
      try {
        await stopCleanly('processors', processors);
        await Promise.all([stopCleanly('command-service', commands), stopCleanly('query-service', queries)]);
        await stopCleanly('projections', projections);
      } finally {
        await infrastructure.close();
      }
    },
  };
}
