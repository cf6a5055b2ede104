import { openS3Store } from '@transcodeflow/shared/objects/s3-store.ts';
import { type ChildService, startChild, stopCleanly } from './child-service.ts';
import { type Infrastructure, startInfrastructure } from './infrastructure.ts';
import type { SystemUnderTest } from './system-under-test.ts';

const API_KEY = 'real-stack-key-for-the-tests';

export interface RealStack extends SystemUnderTest {
  infrastructure: Infrastructure;
  /** What each service was started with. */
  env: Record<string, string>;
  /** The first one is `processorPid()`'s. */
  processors: ChildService[];
  startProcessor(): Promise<ChildService>;
}

/** Each service a process of its own, over real Kafka, Postgres, Redis and MinIO. */
export async function startRealStack({
  processors: count = 1,
  env: more = {},
}: {
  processors?: number;
  env?: Record<string, string>;
} = {}): Promise<RealStack> {
  const infrastructure = await startInfrastructure();
  const env = {
    ...infrastructure.env,
    BOOTSTRAP_API_KEY: API_KEY,
    SECRET_KEY: 'a-secret-of-more-than-32-characters!',
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    ALLOW_PRIVATE_ADDRESSES: '127.0.0.0/8',
    ...more,
  };
  const start = async (script: string): Promise<{ service: ChildService; url: string }> => {
    const service = startChild(script, env);
    const [, port] = await service.printed(/"port":(\d+),"msg":"listening"/);
    return { service, url: `http://127.0.0.1:${port}` };
  };
  const processors: ChildService[] = [];
  const startProcessor = async () => {
    const { service } = await start('processors/main.ts');
    processors.push(service);
    return service;
  };
  const projections = await start('projections/main.ts');
  const [commands, queries] = await Promise.all([
    start('command-service/main.ts'),
    start('query-service/main.ts'),
  ]);
  for (let index = 0; index < count; index += 1) await startProcessor();
  const { S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY, S3_BUCKET } = infrastructure.env;
  const objects = await openS3Store({
    endpoint: S3_ENDPOINT,
    accessKey: S3_ACCESS_KEY,
    secretKey: S3_SECRET_KEY,
    bucket: S3_BUCKET,
  });
  return {
    commandUrl: commands.url,
    queryUrl: queries.url,
    apiKey: API_KEY,
    objects,
    infrastructure,
    env,
    processors,
    startProcessor,
    processorPid: () => processors[0]?.pid ?? -1,
    async close() {
      await objects.close();
      try {
        await Promise.all(processors.map((processor) => stopCleanly('processors', processor)));
        await Promise.all([
          stopCleanly('command-service', commands.service),
          stopCleanly('query-service', queries.service),
        ]);
        await stopCleanly('projections', projections.service);
      } finally {
        await infrastructure.close();
      }
    },
  };
}
