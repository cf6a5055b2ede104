import { AppError } from '@transcodeflow/shared/errors.ts';
import { sourceKey } from '@transcodeflow/shared/objects/keys.ts';
import { ObjectNotFoundError, type ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { S3Settings } from '@transcodeflow/shared/objects/s3/connection.ts';
import { presignPut } from '@transcodeflow/shared/objects/s3/presign-put.ts';
import { finishedUpload } from './known-upload.ts';
import { picturesBelow } from './pictures-below.ts';
import { leftovers, S3UploadStore } from './s3-upload-store.ts';
import type { PlacedUpload, UploadBytes } from './upload-bytes.ts';

const PRESIGNED = 'uploads/';

/**
 * Uploads in the bucket. Those by tus are multipart uploads of the very key that the job will look for: nothing is
 * copied, whatever the size. A presigned one has a key of its own, because its URL could overwrite the source
 * of a running job; it is copied within the store.
 * @param mostBytes of an upload
 */
export function openS3Bytes(settings: S3Settings, objects: ObjectStore, mostBytes: number): UploadBytes {
  const datastore = new S3UploadStore(settings, objects, mostBytes);
  const name = ({ id, job_id, kind }: PlacedUpload) => (kind === 'tus' ? sourceKey(job_id) : PRESIGNED + id);

  async function placePresigned(upload: PlacedUpload, signal: AbortSignal) {
    const info = await objects.head(name(upload));
    if (!info) throw new AppError('upload_unfinished', 'Nothing was uploaded to the URL yet');
    if (info.size !== upload.size_bytes)
      throw new AppError(
        'upload_size_mismatch',
        `${upload.size_bytes} bytes were announced and ${info.size} were sent; the upload was removed`,
      );
    return objects.copy(name(upload), sourceKey(upload.job_id), { signal }).catch((error: unknown) => {
      if (error instanceof ObjectNotFoundError)
        throw new AppError('upload_gone', 'The bytes of this upload were removed', { cause: error });
      throw error;
    });
  }

  return {
    datastore,
    name,
    async place(upload, signal) {
      if (upload.kind === 'presigned') return placePresigned(upload, signal);
      await datastore.complete(name(upload), await finishedUpload(datastore, name(upload)));
      const info = await objects.head(name(upload));
      if (!info) throw new AppError('upload_gone', 'The bytes of this upload were removed');
      return info;
    },
    async tidy(upload) {
      await objects.remove(upload.kind === 'tus' ? leftovers(name(upload)) : [name(upload)]);
    },
    async discard(upload) {
      const pictures = await picturesBelow(objects, upload.job_id);
      if (upload.kind === 'tus') await datastore.remove(name(upload));
      await objects.remove([name(upload), sourceKey(upload.job_id), ...pictures]);
    },
    async *presigned() {
      for await (const { key } of objects.list(PRESIGNED)) yield key.slice(PRESIGNED.length);
    },
    removePresigned: (ids) => objects.remove(ids.map((id) => PRESIGNED + id)),
    presign: async (upload, size, seconds) => presignPut(settings, name(upload), size, seconds),
    close: async () => datastore.close(),
  };
}
