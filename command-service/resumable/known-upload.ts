import { AppError } from '@transcodeflow/shared/errors.ts';
import { type DataStore, ERRORS, type Upload } from '@tus/server';

const GONE: readonly unknown[] = [ERRORS.FILE_NOT_FOUND, ERRORS.FILE_NO_LONGER_EXISTS];

/** What the tus store knows of an upload. @throws {AppError} upload_gone */
export async function knownUpload(datastore: DataStore, name: string): Promise<Upload> {
  return datastore.getUpload(name).catch((error: unknown) => {
    throw GONE.includes(error) ? new AppError('upload_gone', 'The bytes of this upload were removed') : error;
  });
}

/** The same of one whose bytes have all come. @throws {AppError} upload_unfinished; upload_gone */
export async function finishedUpload(datastore: DataStore, name: string): Promise<Upload> {
  const upload = await knownUpload(datastore, name);
  if (upload.size !== undefined && upload.offset === upload.size) return upload;
  throw new AppError(
    'upload_unfinished',
    `${upload.offset} of ${upload.size ?? 'an unknown number of'} bytes have come; send the rest first`,
  );
}
