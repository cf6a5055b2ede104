import { type ApiKeyList, ApiKeyListQuery } from '@transcodeflow/shared/contracts/rest/keys.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import { z } from 'zod';
import { answer } from './answer.ts';
import type { RouteDependencies } from './dependencies.ts';
import type { RouteContext } from './own-job.ts';

/** `GET /api/keys?page&per_page`: all keys but the bootstrap key, the newest first. */
export const listApiKeys =
  ({ apiKeys }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    requireScope(ctx.state.identity, 'admin');
    const { page, per_page } = ApiKeyListQuery.parse(ctx.query);
    const { keys, total } = await apiKeys.list(page, per_page);
    const total_pages = Math.ceil(total / per_page);
    answer(ctx, { keys, page, per_page, total, total_pages } satisfies ApiKeyList);
  };

/** `GET /api/keys/{id}` */
export const getApiKey =
  ({ apiKeys }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    requireScope(ctx.state.identity, 'admin');
    const id = z.uuid().safeParse(ctx.params.id);
    const found = id.success ? await apiKeys.get(id.data) : undefined;
    if (!found) throw new AppError('api_key_not_found', 'There is no API key with this id');
    answer(ctx, found);
  };
