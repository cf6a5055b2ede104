import type { AccountEventOf } from '@transcodeflow/shared/contracts/account-events.ts';

/** About the endpoints of one account. */
export type WebhookCommand =
  | { type: 'CreateEndpoint'; data: AccountEventOf<'WebhookEndpointCreated'>['data'] }
  | { type: 'DeleteEndpoint'; data: AccountEventOf<'WebhookEndpointDeleted'>['data'] };

/** About one delivery. */
export interface RedeliverCommand {
  type: 'Redeliver';
  data: AccountEventOf<'WebhookRedeliveryRequested'>['data'];
}
