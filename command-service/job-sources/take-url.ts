import { AppError } from '@transcodeflow/shared/errors.ts';
import type { RouteDependencies } from '../routes/dependencies.ts';
import type { TakeSource } from './job-order.ts';

/** A job whose video is fetched from a URL. */
export const takeUrl =
  (_: RouteDependencies): TakeSource<{ url: string }> =>
  async () => {
    throw new AppError('not_supported', 'This installation does not fetch videos; upload them');
  };
