import type { AccountEventOf } from '@transcodeflow/shared/contracts/account-events.ts';
import type { Change } from '@transcodeflow/shared/read-model/channel.ts';
import type { PoolClient } from 'pg';
import type { AccountEventAt } from './at-position.ts';
import { ENDPOINTS_LOCK, tellEndpoints } from './tell-endpoints.ts';

/**
 * Follows endpoints and redeliveries, in the caller's transaction. An event that comes again changes nothing.
 * @returns the endpoints and deliveries that are at a new revision
 */
export async function applyAccounts(
  client: PoolClient,
  events: readonly AccountEventAt[],
): Promise<Change[]> {
  if (events.length === 0) return [];
  await client.query(`select pg_advisory_xact_lock(${ENDPOINTS_LOCK})`);
  for (const { event, time, position, revision } of events)
    switch (event.type) {
      case 'WebhookEndpointCreated':
        await create(client, event.data, time, position);
        break;
      case 'WebhookEndpointDeleted':
        await client.query(
          'update webhook.endpoint set deleted_at = $2 where endpoint_id = $1 and deleted_at is null',
          [event.data.id, time],
        );
        await cancel(client, 'endpoint_id = $1', event.data.id, 'The endpoint was deleted.');
        break;
      case 'WebhookRedeliveryRequested':
        await deliverAgain(client, event.data, revision);
        break;
      case 'ApiKeyRevoked':
        await endAccount(client, event.data.account_id, time);
        break;
      case 'ApiKeyCreated':
        break;
      default:
        event satisfies never;
    }
  return events.flatMap(({ event, revision }): Change[] => {
    if (event.type === 'WebhookRedeliveryRequested') return [[event.data.delivery_id, revision]];
    return event.type === 'ApiKeyCreated' || event.type === 'ApiKeyRevoked'
      ? []
      : [[event.data.id, revision]];
  });
}

async function create(
  client: PoolClient,
  { id, account_id, url, events, description }: AccountEventOf<'WebhookEndpointCreated'>['data'],
  time: string,
  position: bigint,
): Promise<void> {
  await client.query(
    `insert into webhook.endpoint (endpoint_id, account_id, url, events, description, created_at, created_position,
       deleted_at)
     values ($1, $2, $3, $4, $5, $6, $7, (select revoked_at from webhook.revoked_account where account_id = $2))
     on conflict (endpoint_id) do nothing`,
    [id, account_id, url, events, description, time, position.toString()],
  );
  await client.query(tellEndpoints('endpoint.endpoint_id = $1'), [id]);
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whatever came of the delivery, another round of attempts begins now. */
async function deliverAgain(
  client: PoolClient,
  { delivery_id, account_id }: AccountEventOf<'WebhookRedeliveryRequested'>['data'],
  request: number,
): Promise<void> {
  // Nobody asks for another, but the contract calls it a text.
  if (!UUID.test(delivery_id)) return;
  await client.query(
    `update webhook.delivery set status = 'pending', due_at = now(), attempts_before = attempts, finished_at = null,
       redelivery = $3
     where delivery_id = $1 and account_id = $2 and redelivery < $3
       and account_id not in (select account_id from webhook.revoked_account)
       and not exists (select from webhook.endpoint
         where endpoint.endpoint_id = delivery.endpoint_id and endpoint.deleted_at is not null)`,
    [delivery_id, account_id, request],
  );
}

/** Nobody can delete the endpoints of a revoked key any more, so it takes them with it. */
async function endAccount(client: PoolClient, accountId: string, time: string): Promise<void> {
  await client.query(
    'insert into webhook.revoked_account (account_id, revoked_at) values ($1, $2) on conflict do nothing',
    [accountId, time],
  );
  await client.query(
    'update webhook.endpoint set deleted_at = $2 where account_id = $1 and deleted_at is null',
    [accountId, time],
  );
  await cancel(client, 'account_id = $1', accountId, 'The API key was revoked.');
}

async function cancel(client: PoolClient, where: string, id: string, reason: string): Promise<void> {
  await client.query(
    `update webhook.delivery set status = 'cancelled', finished_at = now(), last_error = $2
     where ${where} and status = 'pending'`,
    [id, reason],
  );
}
