import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { ExecutionContext } from 'ava';
import { openCore } from '../testing/core.ts';
import { openStorage } from './open-storage.ts';
import type { Holder } from './reservations.ts';

/** The real accounting over a database and a folder of the test's own. */
export async function openTestStorage(t: ExecutionContext, leaseMs?: number) {
  const core = await openCore(t);
  const { url, store, commands } = core;
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-storage-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const objects = await openDirectoryStore(folder);
  const storage = await openStorage({ url, store, commands, objects, log: silentLogger, leaseMs });
  core.closeAtEnd(storage);
  return { ...core, ...storage, objects, folder };
}

export const jobHolder = (id: string, quota: number | null = null, account_id = 'anna'): Holder => ({
  id,
  kind: 'job',
  account_id,
  quota,
});
