import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { sourceKey } from '@transcodeflow/shared/objects/keys.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import { FileStore } from '@tus/file-store';
import { finishedUpload } from './known-upload.ts';
import { picturesBelow } from './pictures-below.ts';
import type { UploadBytes } from './upload-bytes.ts';

/**
 * Uploads as files of a folder, beside a directory store on the same file system: a finished one becomes the source by
 * hard link, without a copy.
 */
export async function openDirectoryBytes(folder: string, objects: ObjectStore): Promise<UploadBytes> {
  await mkdir(folder, { recursive: true });
  const datastore = new FileStore({ directory: folder });
  const removeFile = async (id: string) => {
    for (const name of [id, `${id}.json`]) await rm(path.join(folder, name), { force: true });
  };
  return {
    datastore,
    name: ({ id }) => id,
    async place({ id, job_id }, signal) {
      await finishedUpload(datastore, id);
      return objects.putFile(sourceKey(job_id), path.join(folder, id), { signal });
    },
    tidy: ({ id }) => removeFile(id),
    async discard({ id, job_id }) {
      await removeFile(id);
      await objects.remove([sourceKey(job_id), ...(await picturesBelow(objects, job_id))]);
    },
    async *presigned() {},
    async removePresigned() {},
    async presign() {
      throw new AppError(
        'not_supported',
        'The object store of this installation cannot be reached by clients; upload with tus at /api/uploads',
      );
    },
    async close() {},
  };
}
