import { AppError } from '@transcodeflow/shared/errors.ts';
import type { RouteDependencies } from '../routes/dependencies.ts';
import type { TakeSource } from './job-order.ts';

/** A job whose video was uploaded before. */
export const takeUpload =
  (_: RouteDependencies): TakeSource<{ upload_id: string }> =>
  async () => {
    throw new AppError('invalid_fields', 'There is no upload with this id', {
      fields: { 'source.upload_id': 'no such upload' },
    });
  };
