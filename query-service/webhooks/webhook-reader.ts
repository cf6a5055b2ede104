import type {
  Delivery,
  DeliveryListQuery,
  DeliveryWithLog,
  Webhook,
} from '@transcodeflow/shared/contracts/rest/webhooks.ts';
import { MOST_COUNTED } from '@transcodeflow/shared/contracts/rest/webhooks.ts';
import type { Pool } from 'pg';
import { type AttemptRow, type DeliveryRow, presentAttempt, presentDelivery } from './present-delivery.ts';

interface Owned<T> {
  account_id: string;
  found: T;
}

const ENDPOINT = 'endpoint_id as id, account_id, url, events, description, created_at';
const DELIVERY = `delivery_id as id, event_id, event.name as event, delivery.account_id, delivery.job_id, endpoint_id, url,
  status, attempts, due_at, last_status, last_error, created_at, finished_at`;
const DELIVERIES = 'webhook.delivery join webhook.event using (event_id)';

type EndpointRow = Omit<Webhook, 'created_at'> & { account_id: string; created_at: Date };

/** Reads the webhooks' tables, which the projections write in the schema `webhook`. */
export function createWebhookReader(pool: Pool) {
  return {
    /** Of an account, the oldest first. */
    async list(accountId: string): Promise<Webhook[]> {
      const { rows } = await pool.query<EndpointRow>(
        `select ${ENDPOINT} from webhook.endpoint where account_id = $1 and deleted_at is null
         order by created_at, endpoint_id`,
        [accountId],
      );
      return rows.map(presentEndpoint);
    },

    async get(id: string): Promise<Owned<Webhook> | undefined> {
      const { rows } = await pool.query<EndpointRow>(
        `select ${ENDPOINT} from webhook.endpoint where endpoint_id = $1 and deleted_at is null`,
        [id],
      );
      return rows.map((row) => ({ account_id: row.account_id, found: presentEndpoint(row) }))[0];
    },

    /** The newest first. */
    async deliveries(
      accountId: string,
      { job_id, endpoint_id, status, page, per_page }: DeliveryListQuery,
    ): Promise<{ deliveries: Delivery[]; total: number }> {
      const filter = `delivery.account_id = $1 and ($2::uuid is null or delivery.job_id = $2)
        and ($3::uuid is null or delivery.endpoint_id = $3) and ($4::text is null or delivery.status = $4)`;
      const values = [accountId, job_id ?? null, endpoint_id ?? null, status ?? null];
      const [{ rows }, counted] = await Promise.all([
        pool.query<DeliveryRow>(
          `select ${DELIVERY} from ${DELIVERIES} where ${filter}
           order by delivery.created_at desc, delivery.seq desc limit $5 offset $6`,
          [...values, per_page, (page - 1) * per_page],
        ),
        pool.query<{ total: string }>(
          `select count(*) as total from (select from webhook.delivery where ${filter} limit $5) as counted`,
          [...values, MOST_COUNTED],
        ),
      ]);
      return { deliveries: rows.map(presentDelivery), total: Number(counted.rows[0]?.total ?? 0) };
    },

    async delivery(id: string): Promise<Owned<DeliveryWithLog> | undefined> {
      const { rows } = await pool.query<DeliveryRow & { payload: string }>(
        `select ${DELIVERY}, payload from ${DELIVERIES} where delivery_id = $1`,
        [id],
      );
      const [row] = rows;
      if (!row) return undefined;
      const attempts = await pool.query<AttemptRow>(
        `select number, started_at, finished_at, status_code, error, response
         from webhook.attempt where delivery_id = $1 order by number`,
        [id],
      );
      const found = { ...presentDelivery(row), payload: row.payload, log: attempts.rows.map(presentAttempt) };
      return { account_id: row.account_id, found };
    },
  };
}

export type WebhookReader = ReturnType<typeof createWebhookReader>;

const presentEndpoint = ({ account_id: _, created_at, ...endpoint }: EndpointRow): Webhook => ({
  ...endpoint,
  created_at: created_at.toISOString(),
});
