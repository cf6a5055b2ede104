import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { type ChildService, startChild, stopCleanly } from './child-service.ts';
import type { SystemUnderTest } from './system-under-test.ts';

export interface EmbeddedSystem extends SystemUnderTest {
  process: ChildService;
  dataFolder: string;
  /** Leaves the data folder for the next start. */
  stop(): Promise<void>;
}

const API_KEY = 'embedded-system-key-for-tests';

/** `pnpm start` in a process of its own, on a free port. */
export async function startEmbedded(
  dataFolder?: string,
  env: NodeJS.ProcessEnv = {},
): Promise<EmbeddedSystem> {
  const folder = dataFolder ?? (await mkdtemp(join(tmpdir(), 'transcodeflow-e2e-')));
  const child = startChild('infra/standalone/main.ts', {
    DATA_DIR: folder,
    PORT: '0',
    HOST: '127.0.0.1',
    BOOTSTRAP_API_KEY: API_KEY,
    LOG_LEVEL: 'info',
    ALLOW_PRIVATE_ADDRESSES: '127.0.0.0/8',
    KAFKA_BROKERS: '',
    DATABASE_URL: '',
    REDIS_URL: '',
    S3_ENDPOINT: '',
    ...env,
  });
  const [, url] = await child.printed(/ready at (http:\S+)/);
  if (!url) throw new Error('The embedded system printed no URL');
  const stop = () => stopCleanly('the embedded system', child);
  return {
    commandUrl: url,
    queryUrl: url,
    apiKey: API_KEY,
    objects: await openDirectoryStore(join(folder, 'objects')),
    processorPid: () => child.pid,
    process: child,
    dataFolder: folder,
    stop,
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
