/**
 * Makes the deliveries of events to endpoints of the same account that were there first and want them, for whoever
 * matches `where` (on the tables `event` and `endpoint`). Those that exist stay as they are.
 */
export const tellEndpoints = (where: string): string =>
  `insert into webhook.delivery (event_id, target, endpoint_id, account_id, job_id, url, lane)
   select event.event_id, endpoint.endpoint_id::text, endpoint.endpoint_id, event.account_id, event.job_id,
     endpoint.url, endpoint.endpoint_id::text
   from webhook.event join webhook.endpoint
     on endpoint.account_id = event.account_id and endpoint.created_position < event.position
       and endpoint.events && array[event.name, '*'] and endpoint.deleted_at is null
   where ${where}
   order by event.position
   on conflict (event_id, target) do nothing`;

/**
 * Held shared by whoever brings events, alone by whoever changes endpoints, to the end of the transaction: of an event
 * and an endpoint that come at the same time the later one sees the other.
 */
export const ENDPOINTS_LOCK = `hashtext('transcodeflow webhook endpoints')`;
