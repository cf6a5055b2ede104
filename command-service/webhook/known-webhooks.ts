import { DatabaseError, type Pool } from 'pg';

export interface KnownDelivery {
  account_id: string;
  /** Its endpoint was deleted, or its account's key revoked. */
  is_abandoned: boolean;
}

/**
 * What the projections know of webhooks: deliveries come into being there, and whom an endpoint belongs to is told apart
 * from an endpoint that is none. What is decided is decided from the streams.
 */
export interface KnownWebhooks {
  /** The account of an endpoint; undefined for one that is not there. */
  accountOf(endpointId: string): Promise<string | undefined>;
  delivery(id: string): Promise<KnownDelivery | undefined>;
}

export function createKnownWebhooks(pool: Pool): KnownWebhooks {
  async function first<R extends object>(sql: string, id: string): Promise<R | undefined> {
    try {
      return (await pool.query<R>(sql, [id])).rows[0];
    } catch (error) {
      // The projections have never run: there is none.
      if (error instanceof DatabaseError && error.code === UNDEFINED_TABLE) return undefined;
      throw error;
    }
  }
  return {
    accountOf: async (id) =>
      (
        await first<{ account_id: string }>(
          'select account_id from webhook.endpoint where endpoint_id = $1 and deleted_at is null',
          id,
        )
      )?.account_id,
    delivery: (id) =>
      first<KnownDelivery>(
        `select account_id,
           exists (select from webhook.endpoint
             where endpoint.endpoint_id = delivery.endpoint_id and deleted_at is not null) as is_abandoned
         from webhook.delivery where delivery_id = $1`,
        id,
      ),
  };
}

const UNDEFINED_TABLE = '42P01';
