import type { ProfileList } from '@transcodeflow/shared/contracts/rest/profiles.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import { profiles } from '@transcodeflow/shared/profiles/profiles.ts';
import { answer } from './answer.ts';
import type { RouteContext } from './own-job.ts';

/** `GET /api/profiles`: what a job may name, the same for everyone who may read. */
export const listProfiles =
  () =>
  async (ctx: RouteContext): Promise<void> => {
    requireScope(ctx.state.identity, 'read');
    answer(ctx, { profiles: Object.values(profiles) } satisfies ProfileList);
  };
