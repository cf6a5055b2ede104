import type { Usage } from '@transcodeflow/shared/contracts/rest/usage.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import type { RouteDependencies } from './dependencies.ts';

/** `GET /api/usage`: what the caller stores and may store. */
export const usage =
  ({ reservations }: Pick<RouteDependencies, 'reservations'>) =>
  async (ctx: AppContext): Promise<void> => {
    const { account_id, storage_quota_bytes: quota } = requireScope(ctx.state.identity, 'read');
    const { used_bytes, reserved_bytes } = await reservations.usage(account_id);
    const body: Usage = {
      used_bytes,
      reserved_bytes,
      quota_bytes: quota,
      // A quota may have been lowered below what is stored.
      available_bytes: quota === null ? null : Math.max(0, quota - used_bytes - reserved_bytes),
    };
    ctx.body = body;
  };
