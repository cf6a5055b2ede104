import { buffer } from 'node:stream/consumers';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { MOST_PICTURE_BYTES } from '@transcodeflow/shared/most-picture-bytes.ts';
import type { ObjectInfo, ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { UploadBytes } from '../resumable/upload-bytes.ts';
import type { StoredUpload } from '../resumable/upload-table.ts';
import { pictureRefusal } from '../uploads/picture-refusal.ts';
import { SAMPLE_BYTES } from '../uploads/sniff.ts';

/**
 * Whether a finished upload is a picture by its first bytes; whether it can be decoded the task finds out. It stays as it
 * is, for it may be meant for something else.
 * @throws {AppError} `invalid_fields`; what is wrong with the upload
 */
export async function checkPictureUpload(
  { bytes, objects }: { bytes: UploadBytes; objects: ObjectStore },
  upload: StoredUpload,
  field: string,
  signal: AbortSignal,
): Promise<void> {
  const { key, size } = await bytes.place(upload, signal).catch((error: unknown): Promise<ObjectInfo> => {
    throw error instanceof AppError ? refusal(field, error.message, error) : error;
  });
  if (size > MOST_PICTURE_BYTES) throw refusal(field, 'must have at most 50 MB');
  const wrong = await pictureRefusal(await sampleOf(key, size));
  if (wrong) throw refusal(field, wrong);

  async function sampleOf(of: string, length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    return buffer((await objects.get(of, { range: { start: 0, end: SAMPLE_BYTES - 1 }, signal })).body);
  }
}

const refusal = (field: string, message: string, cause?: AppError) =>
  new AppError(cause?.code ?? 'invalid_fields', `${field}: ${message}`, {
    fields: { [field]: message },
    cause,
  });
