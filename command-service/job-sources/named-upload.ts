import { AppError } from '@transcodeflow/shared/errors.ts';
import type { Identity } from '@transcodeflow/shared/http/app-state.ts';
import type { StoredUpload, UploadTable } from '../resumable/upload-table.ts';

/**
 * The upload that a field of a request names.
 * @throws {AppError} `invalid_fields`; `upload_of_another_account`
 */
export async function namedUpload(
  table: UploadTable,
  id: string,
  field: string,
  { account_id }: Pick<Identity, 'account_id'>,
): Promise<StoredUpload> {
  const upload = await table.find(id);
  if (!upload)
    throw new AppError('invalid_fields', `${field}: there is no upload with this id; it may have expired`, {
      fields: { [field]: 'no such upload' },
    });
  if (upload.account_id !== account_id)
    throw new AppError('upload_of_another_account', `${field}: this upload belongs to another account`, {
      fields: { [field]: 'belongs to another account' },
    });
  return upload;
}
