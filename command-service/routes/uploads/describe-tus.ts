import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { CHECKSUM_ALGORITHMS } from '../../resumable/checked-body.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { TUS_VERSION } from './tus-headers.ts';

/** `OPTIONS /api/uploads`: what this tus server can do. */
export const describeTus =
  ({ uploads, mostUploadBytes }: RouteDependencies) =>
  async (ctx: AppContext): Promise<void> => {
    requireScope(ctx.state.identity, 'write');
    ctx.status = 204;
    ctx.set({
      'Tus-Resumable': TUS_VERSION,
      'Tus-Version': TUS_VERSION,
      'Tus-Extension': uploads.tus.extensions.join(','),
      'Tus-Max-Size': String(mostUploadBytes),
      'Tus-Checksum-Algorithm': CHECKSUM_ALGORITHMS.join(','),
    });
  };
