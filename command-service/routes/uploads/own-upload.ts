import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext, Identity } from '@transcodeflow/shared/http/app-state.ts';
import { z } from 'zod';
import type { StoredUpload, UploadTable } from '../../resumable/upload-table.ts';
import { useOfUpload } from '../../resumable/use-of-upload.ts';

export type UploadContext = AppContext & { params: Record<string, string | undefined> };

/** The upload in the path. @throws {AppError} it is not the caller's, or not there any more */
export async function ownUpload(
  ctx: UploadContext,
  table: UploadTable,
): Promise<{ identity: Identity; upload: StoredUpload }> {
  const identity = requireScope(ctx.state.identity, 'write');
  const id = z.uuid().safeParse(ctx.params.id);
  const upload = id.success ? await table.find(id.data) : undefined;
  if (!upload) throw new AppError('upload_not_found', 'There is no upload with this id; it may have expired');
  if (upload.account_id !== identity.account_id)
    throw new AppError('upload_of_another_account', 'This upload belongs to another account');
  if (upload.is_used) throw new AppError('upload_gone', `This upload became ${useOfUpload(upload)}`);
  return { identity, upload };
}
