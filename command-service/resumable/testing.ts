import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import type { KeyRing } from '@transcodeflow/shared/http/api-keys.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import type { ExecutionContext } from 'ava';
import pg from 'pg';
import { startCommandService } from '../start.ts';
import { readModelsOf } from '../testing/read-models.ts';
import { openDirectoryBytes } from './directory-bytes.ts';
import type { UploadBytes } from './upload-bytes.ts';

export const QUOTA = 40_000_000;
export const MOST_BYTES = 60_000_000;

const keys: KeyRing = {
  identify: async (key) =>
    ({
      anna: { ...identity('anna', 'read', 'write'), priority: 'high' as const },
      bert: identity('bert', 'read', 'write'),
      poor: { ...identity('poor', 'read', 'write'), storage_quota_bytes: QUOTA },
      reader: identity('anna', 'read'),
    })[key],
};

interface Stores {
  objects: ObjectStore;
  uploadBytes: UploadBytes;
}
export type OpenStores = (folder: string) => Promise<Stores>;

const directoryStores: OpenStores = async (folder) => {
  const objects = await openDirectoryStore(join(folder, 'objects'));
  return { objects, uploadBytes: await openDirectoryBytes(join(folder, 'uploads'), objects) };
};

/** A command service of which instances come and go over the same database and stores. */
export async function openUploadState(t: ExecutionContext, openStores: OpenStores = directoryStores) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-uploads-'));
  const databaseUrl = await testDatabase(t);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => {});
  const { objects, uploadBytes } = await openStores(folder);
  const running = new Set<() => Promise<void>>();
  t.teardown(async () => {
    for (const close of running) await close();
    await pool.end();
    await uploadBytes.close();
    await objects.close();
    await rm(folder, { recursive: true, force: true });
  });
  const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    (await pool.query(sql, values)).rows;

  return {
    objects,
    rows,
    /** What is in the store, and in the folder of unfinished uploads where there is one. */
    async stored(): Promise<string[]> {
      const found: string[] = [];
      for await (const { key } of objects.list('')) found.push(key);
      return [...found, ...(await readdir(join(folder, 'uploads')).catch(() => []))];
    },
    jobs: async (): Promise<Record<string, unknown>[]> =>
      (await rows(`select data from event_store.event where type = 'JobRequested' order by position`)).map(
        ({ data }) => data as Record<string, unknown>,
      ),
    /** Bytes that an account holds, reserved or used. */
    held: async (account: string): Promise<number> =>
      Number(
        (
          await rows(
            'select used_bytes + reserved_bytes as held from storage.account where account_id = $1',
            [account],
          )
        )[0]?.held ?? 0,
      ),
    folder,
    databaseUrl,
    /** Of an unfinished upload in the folder. */
    bytesOf: async (id: string): Promise<number> =>
      (await stat(join(folder, 'uploads', id)).catch(() => undefined))?.size ?? 0,
    /** Starts an instance with stores of its own, so that nothing is shared but what is stored. */
    async start(options: InstanceOptions = {}) {
      const server = await startInstance(databaseUrl, folder, openStores, options);
      const close = () => {
        running.delete(close);
        return server.close();
      };
      running.add(close);
      return { close, ...clientOf(server.url) };
    },
  };
}

export interface InstanceOptions {
  uploadExpiryMs?: number;
  allowAddresses?: readonly string[];
}

/** One command service over a database and stores that others may use too. */
export async function startInstance(
  databaseUrl: string,
  folder: string,
  openStores: OpenStores = directoryStores,
  { uploadExpiryMs, allowAddresses }: InstanceOptions = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const bus = createInProcessBus();
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  pool.on('error', () => {});
  const stores = await openStores(folder);
  await readModelsOf(bus, pool);
  const service = await startCommandService({
    databaseUrl,
    bus,
    cache: createMemoryCache(),
    ...stores,
    keys,
    secretKey: 'a-secret-of-more-than-32-characters!',
    log: silentLogger,
    mostUploadBytes: MOST_BYTES,
    uploadExpiryMs,
    allowAddresses,
    relayBatch: { events: 100, tasks: 1 },
    soleProcessor: true,
  });
  service.startRelay();
  const server = await listen(service.app.callback(), 0, '127.0.0.1');
  let closing: Promise<void> | undefined;
  return {
    url: server.url,
    close: () =>
      (closing ??= (async () => {
        await server.close();
        await service.close();
        await bus.close();
        await pool.end();
        await stores.uploadBytes.close();
        await stores.objects.close();
      })()),
  };
}

/** Calls of a client of the instance there. */
export function clientOf(url: string) {
  const call = (path: string, init: RequestInit = {}, key = 'anna') =>
    fetch(url + path, { ...init, headers: { 'X-API-Key': key, ...init.headers } });
  const tus = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: Buffer<ArrayBuffer>,
    key?: string,
  ) =>
    call(path, { method, headers: { 'Tus-Resumable': '1.0.0', ...headers }, ...(body ? { body } : {}) }, key);
  return {
    url: url,
    call,
    tus,
    /** @returns the path of the new upload */
    async begin(length: number, key?: string, filename = 'holiday.mp4'): Promise<string> {
      const created = await tus(
        'POST',
        '/api/uploads',
        {
          'Upload-Length': String(length),
          'Upload-Metadata': `filename ${Buffer.from(filename).toString('base64')}`,
        },
        undefined,
        key,
      );
      if (created.status !== 201) throw new Error(await created.text());
      return created.headers.get('location') ?? '';
    },
    patch: (
      path: string,
      offset: number,
      body: Buffer<ArrayBuffer>,
      headers: Record<string, string> = {},
      key?: string,
    ) =>
      tus(
        'PATCH',
        path,
        {
          'Upload-Offset': String(offset),
          'Content-Type': 'application/offset+octet-stream',
          ...headers,
        },
        body,
        key,
      ),
    createJob: (upload: string, more: object = {}, headers: Record<string, string> = {}, key?: string) =>
      call(
        '/api/jobs',
        {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', ...headers },
          body: JSON.stringify({ source: { upload_id: upload.split('/').at(-1) }, ...more }),
        },
        key,
      ),
  };
}
