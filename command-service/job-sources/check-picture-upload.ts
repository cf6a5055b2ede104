import { buffer } from 'node:stream/consumers';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { MOST_PICTURE_BYTES } from '@transcodeflow/shared/most-picture-bytes.ts';
import type { ObjectInfo, ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { UploadBytes } from '../resumable/upload-bytes.ts';
import type { StoredUpload } from '../resumable/upload-table.ts';
import { isPicture, SAMPLE_BYTES } from '../uploads/sniff.ts';

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
  if (size === 0) throw refusal(field, NO_PICTURE);
  const { body } = await objects.get(key, { range: { start: 0, end: SAMPLE_BYTES - 1 }, signal });
  if (!(await isPicture(await buffer(body)))) throw refusal(field, NO_PICTURE);
}

const NO_PICTURE = 'must be a JPEG, PNG, WebP or GIF image';

const refusal = (field: string, message: string, cause?: AppError) =>
  new AppError(cause?.code ?? 'invalid_fields', `${field}: ${message}`, {
    fields: { [field]: message },
    cause,
  });
