import { AppError } from '@transcodeflow/shared/errors.ts';
import type { CommandHandler } from '../command-handler.ts';
import { hasPicture } from '../resumable/has-picture.ts';
import type { StoredUpload } from '../resumable/upload-table.ts';
import { useOfUpload } from '../resumable/use-of-upload.ts';

/**
 * Whether an upload may become a picture of the job that a request makes; under its lock.
 * @returns `taken` where that very request took it, and died before its answer
 * @throws {AppError} `upload_used`; `upload_locked` where an earlier request may be about to take it
 */
export async function pictureUse(
  commands: CommandHandler,
  upload: StoredUpload,
  attempt: string,
): Promise<'free' | 'taken'> {
  const { id, job_id, picture_of, claim } = upload;
  if ((await commands.load(job_id)).state) throw used({ job_id, picture_of: null });
  if (picture_of === null) return 'free';
  const { state } = await commands.load(picture_of);
  if (state && hasPicture(state, picture_of, id)) {
    if (claim !== attempt) throw used(upload);
    return 'taken';
  }
  // Whoever claimed it is dead, for the lock is free, but its append may still be on the way to the database.
  if (claim !== attempt && upload.is_being_taken)
    throw new AppError(
      'upload_locked',
      `This upload is being made ${useOfUpload(upload)}; try again in 2 minutes`,
    );
  return 'free';
}

const used = (upload: Pick<StoredUpload, 'job_id' | 'picture_of'>) =>
  new AppError('upload_used', `This upload was taken as ${useOfUpload(upload)}`);
