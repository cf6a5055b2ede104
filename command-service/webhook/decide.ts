import { MOST_WEBHOOKS } from '@transcodeflow/shared/contracts/rest/webhooks.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import type { WebhookCommand } from './commands.ts';
import type { WebhookEvent, WebhookState } from './state.ts';

/**
 * What follows from a command in a given state. Pure; an empty answer means that the command changes nothing.
 * @throws {AppError} a command that is refused
 */
export function decide(command: WebhookCommand, state: WebhookState = {}): WebhookEvent[] {
  switch (command.type) {
    case 'CreateEndpoint': {
      const { id } = command.data;
      if (state[id]) return [];
      const active = Object.values(state).filter((status) => status === 'active').length;
      if (active >= MOST_WEBHOOKS)
        throw new AppError(
          'webhook_limit_reached',
          `An API key may have ${MOST_WEBHOOKS} webhooks: delete one first`,
        );
      return [{ type: 'WebhookEndpointCreated', data: command.data }];
    }
    case 'DeleteEndpoint':
      if (state[command.data.id] !== 'active')
        throw new AppError('webhook_not_found', 'There is no webhook with this id');
      return [{ type: 'WebhookEndpointDeleted', data: command.data }];
    default:
      return command satisfies never;
  }
}
