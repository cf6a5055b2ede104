import { join } from 'node:path';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { openDirectoryBytes } from '../resumable/directory-bytes.ts';
import { startCommandService } from '../start.ts';

// A command service in a process of its own, for tests that kill it: database, folder and lease in milliseconds are its
// arguments. Says its port, and nothing else.
const [databaseUrl = '', folder = '', leaseMs] = process.argv.slice(2);
const objects = await openDirectoryStore(join(folder, 'objects'));
const service = await startCommandService({
  databaseUrl,
  bus: createInProcessBus(),
  cache: createMemoryCache(),
  objects,
  keys: { identify: async (key) => identity(key, 'read', 'write') },
  secretKey: 'a-secret-of-more-than-32-characters!',
  log: silentLogger,
  mostUploadBytes: 1_000_000_000,
  uploadLeaseMs: Number(leaseMs),
  uploadBytes: await openDirectoryBytes(join(folder, 'uploads'), objects),
  relayBatch: { events: 100, tasks: 1 },
  soleProcessor: true,
});
const { port } = await listen(service.app.callback(), 0, '127.0.0.1');
process.stdout.write(`${port}\n`);
