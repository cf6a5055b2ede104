import type { ObjectInfo } from '@transcodeflow/shared/objects/object-store.ts';
import type { DataStore } from '@tus/server';
import type { StoredUpload } from './upload-table.ts';

export type PlacedUpload = Pick<StoredUpload, 'id' | 'job_id' | 'kind' | 'size_bytes'>;

/** A request that a client sends to the object store itself. */
export interface PresignedPut {
  url: string;
  /** To be sent as they are. */
  headers: Record<string, string>;
}

/** Where the bytes of uploads are until a job takes them. */
export interface UploadBytes {
  /** For the tus server. */
  readonly datastore: DataStore;
  /** What the tus store calls an upload, and its lock is called. */
  name(upload: PlacedUpload): string;
  /**
   * Makes a finished upload the source of its job, `jobs/{job_id}/source`. May be repeated.
   * @throws {AppError} upload_unfinished; upload_gone; invalid_fields for bytes that are not those announced
   */
  place(upload: PlacedUpload, signal: AbortSignal): Promise<ObjectInfo>;
  /** The job is there: removes what only the upload needed. May be repeated. */
  tidy(upload: PlacedUpload): Promise<void>;
  /** Removes everything, a placed source too: for an upload without a job. May be repeated. */
  discard(upload: PlacedUpload): Promise<void>;
  /** Ids of presigned uploads that have bytes of their own: a URL is good for longer than its upload may be. */
  presigned(): AsyncIterable<string>;
  removePresigned(ids: readonly string[]): Promise<void>;
  /** @throws {AppError} not_supported where clients cannot reach the store */
  presign(upload: PlacedUpload, size: number, seconds: number): Promise<PresignedPut>;
  close(): Promise<void>;
}
