import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import type { KeyRing } from '@transcodeflow/shared/http/api-keys.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import type { ExecutionContext } from 'ava';
import { openDirectoryBytes } from '../resumable/directory-bytes.ts';
import { type CommandServiceOptions, startCommandService } from '../start.ts';
import { readModelsOf } from './read-models.ts';

export const keyRing: KeyRing = {
  identify: async (key) =>
    ({
      anna: identity('anna', 'read', 'write'),
      bert: identity('bert', 'read', 'write'),
      reader: identity('anna', 'read'),
    })[key],
};

export const MOST_UPLOAD_BYTES = 1_000_000;

/** An MP4 to file-type's eyes: its `ftyp` box and then whatever. */
export function videoBytes(size = 20_000): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(size, 7);
  bytes.set(Buffer.from('\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41', 'latin1'));
  return bytes;
}
export const jpegBytes = (size = 20_000): Buffer<ArrayBuffer> => {
  const bytes = Buffer.alloc(size, 7);
  bytes.set([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0]);
  return bytes;
};

/** The header of one; whatever after it. */
export function animatedWebp(size = 20_000): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(size, 7);
  bytes.set(Buffer.from('RIFF\x98\x4e\0\0WEBPVP8X\x0a\0\0\0\x12\0\0\0\x3f\0\0\x3f\0\0ANIM', 'latin1'));
  return bytes;
}

/** The command service on a free port; read models that only say how far they are. */
export async function openCommandService(
  t: ExecutionContext,
  wrap: (objects: ObjectStore) => ObjectStore = (objects) => objects,
  over: Partial<CommandServiceOptions> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-commands-'));
  const databaseUrl = await testDatabase(t);
  const bus = createInProcessBus();
  const objects = await openDirectoryStore(join(folder, 'objects'));
  const cache = createMemoryCache();
  const pool = openPool({ url: databaseUrl, name: 'test', max: 2, log: silentLogger });
  await readModelsOf(bus, pool);
  const service = await startCommandService({
    databaseUrl,
    bus,
    cache,
    objects: wrap(objects),
    keys: keyRing,
    secretKey: 'a-secret-of-more-than-32-characters!',
    log: silentLogger,
    mostUploadBytes: MOST_UPLOAD_BYTES,
    uploadBytes: await openDirectoryBytes(join(folder, 'uploads'), objects),
    relayBatch: { events: 100, tasks: 1 },
    soleProcessor: true,
    ...over,
  });
  service.startRelay();
  const server = await listen(service.app.callback(), 0, '127.0.0.1');
  t.teardown(async () => {
    await server.close();
    await service.close();
    await bus.close();
    await pool.end();
    await rm(folder, { recursive: true, force: true });
  });

  const call = (path: string, init: RequestInit = {}, key: string | undefined = 'anna') =>
    fetch(server.url + path, { ...init, headers: { ...init.headers, ...(key ? { 'X-API-Key': key } : {}) } });
  const keys = async () => {
    const found: string[] = [];
    for await (const { key } of objects.list('')) found.push(key);
    return found;
  };
  const events = async (): Promise<string[]> =>
    (await pool.query<{ type: string }>('select type from event_store.event order by position')).rows.map(
      ({ type }) => type,
    );
  return {
    server,
    databaseUrl,
    bus,
    objects,
    call,
    keys,
    events,
    upload: (form: FormData, key?: string) => call('/api/upload', { method: 'POST', body: form }, key),
    /** Nothing is stored, neither bytes nor events. */
    async nothingStored(): Promise<boolean> {
      return (await keys()).length === 0 && (await events()).length === 0;
    },
    stored: async (): Promise<{ type: string; data: Record<string, unknown> }[]> =>
      (await pool.query('select type, data from event_store.event order by position')).rows,
  };
}

/** A form with files by field, and text fields. */
export function form(
  parts: Record<string, Buffer<ArrayBuffer> | string>,
  filename = 'holiday.mp4',
): FormData {
  const data = new FormData();
  for (const [name, part] of Object.entries(parts)) {
    if (typeof part === 'string') data.set(name, part);
    else data.set(name, new Blob([part]), filename);
  }
  return data;
}
