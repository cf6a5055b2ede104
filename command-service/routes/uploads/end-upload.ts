import { AppError } from '@transcodeflow/shared/errors.ts';
import { useOfUpload } from '../../resumable/use-of-upload.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { ownUpload, type UploadContext } from './own-upload.ts';
import { TUS_VERSION } from './tus-headers.ts';

/** `DELETE /api/uploads/{id}`: its bytes go, its quota is free again. */
export const endUpload =
  ({ uploads }: RouteDependencies) =>
  async (ctx: UploadContext): Promise<void> => {
    ctx.set('Tus-Resumable', TUS_VERSION);
    const { table, locks, bytes, endings } = uploads;
    const { upload } = await ownUpload(ctx, table);
    await locks.hold(bytes.name(upload), AbortSignal.timeout(30_000), async () => {
      const now = await table.find(upload.id);
      if (!now) return;
      if (now.claim !== null)
        throw new AppError('upload_used', `The upload is being made ${useOfUpload(now)}`);
      await endings.discard(now);
    });
    ctx.status = 204;
  };
