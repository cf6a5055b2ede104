import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { z } from 'zod';
import type { RouteDependencies } from './dependencies.ts';

/** `DELETE /api/keys/{id}`: answered when the read model that both services look keys up in shows it. */
export const revokeApiKey =
  ({ apiKeys, visibility }: RouteDependencies) =>
  async (ctx: AppContext & { params: Record<string, string | undefined> }): Promise<void> => {
    const { key_id } = requireScope(ctx.state.identity, 'admin');
    if (ctx.params.id === 'bootstrap')
      throw new AppError(
        'api_key_permanent',
        'The bootstrap key is a setting of the services: change it there',
      );
    const id = z.uuid().safeParse(ctx.params.id);
    if (!id.success) throw new AppError('api_key_not_found', 'There is no API key with this id');
    const { revision } = await apiKeys.execute(
      id.data,
      { type: 'RevokeApiKey', data: { by: key_id } },
      { correlation_id: ctx.state.requestId },
    );
    await visibility.waitForReadModels(id.data, revision, ['api_keys']);
    ctx.body = { id: id.data, revoked: true };
  };
