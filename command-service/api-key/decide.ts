import { AppError } from '@transcodeflow/shared/errors.ts';
import type { ApiKeyCommand } from './commands.ts';
import type { ApiKeyEvent, ApiKeyState } from './state.ts';

/**
 * What follows from a command in a given state. Pure; an empty answer means that the command changes nothing. To revoke
 * a revoked key is no error: whoever did not get the first answer may ask again.
 * @throws {AppError} a command that is refused
 */
export function decide(command: ApiKeyCommand, state: ApiKeyState, { now }: { now: Date }): ApiKeyEvent[] {
  switch (command.type) {
    case 'CreateApiKey': {
      if (state) return [];
      const { expires_at } = command.data;
      if (expires_at !== null && Date.parse(expires_at) <= now.getTime())
        throw new AppError('invalid_request', 'expires_at: must lie in the future', {
          fields: { expires_at: 'must lie in the future' },
        });
      return [{ type: 'ApiKeyCreated', data: command.data }];
    }
    case 'RevokeApiKey': {
      if (!state) throw new AppError('api_key_not_found', 'There is no API key with this id');
      if (state.status === 'revoked') return [];
      const { id, account_id } = state.created;
      return [{ type: 'ApiKeyRevoked', data: { id, account_id, by: command.data.by } }];
    }
    default:
      return command satisfies never;
  }
}
