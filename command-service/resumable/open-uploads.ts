import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import type { Identity } from '@transcodeflow/shared/http/app-state.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { CommandHandler } from '../command-handler.ts';
import type { Holder, Reservations } from '../storage/reservations.ts';
import { createTus, type Tus } from './tus.ts';
import type { UploadBytes } from './upload-bytes.ts';
import { type Endings, uploadEndings } from './upload-endings.ts';
import { startUploadJanitor } from './upload-janitor.ts';
import { UploadLocks } from './upload-locks.ts';
import { createUploadTable, type StoredUpload, type UploadTable } from './upload-table.ts';

/** Uploads that wait for a job, and everything that is done with them. All state is in the database and the store. */
export interface Uploads {
  table: UploadTable;
  locks: UploadLocks;
  bytes: UploadBytes;
  endings: Endings;
  tus: Tus;
  /** After the last byte. */
  expiryMs: number;
  /** Whoever the bytes of an upload are set aside for. */
  holder(upload: StoredUpload, identity: Identity): Holder;
  close(): Promise<void>;
}

const RESERVED_LONGER_MS = 3_600_000;

export interface UploadsOptions {
  url: string;
  bytes: UploadBytes;
  commands: CommandHandler;
  reservations: Reservations;
  mostUploadBytes: number;
  expiryMs: number;
  log: Logger;
}

export async function openUploads(options: UploadsOptions): Promise<Uploads> {
  const { url, bytes, commands, reservations, mostUploadBytes, expiryMs, log } = options;
  await migrate(url, 'uploads', new URL('./migrations/', import.meta.url), log);
  const pool = openPool({ url, name: 'transcodeflow uploads', max: 4, log });
  const table = createUploadTable(pool);
  const locks = new UploadLocks(url, log);
  const endings = uploadEndings({ table, bytes, reservations, commands });
  const janitor = startUploadJanitor({ table, locks, bytes, endings, commands, log, expiryMs });
  return {
    table,
    locks,
    bytes,
    endings,
    tus: createTus({ bytes, locks, mostUploadBytes }),
    expiryMs,
    holder: ({ id, account_id }, { storage_quota_bytes }) => ({
      id,
      kind: 'upload',
      account_id,
      quota: storage_quota_bytes,
      // The janitor of uploads comes before that of reservations, which cannot know of locks and claims.
      lease_ms: expiryMs + RESERVED_LONGER_MS,
    }),
    async close() {
      await janitor.close();
      await locks.close();
      await pool.end();
    },
  };
}
