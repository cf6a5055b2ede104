import { openPool } from '@transcodeflow/shared/database/pool.ts';
import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { z } from 'zod';
import {
  createRedeliveryHandler,
  createWebhookHandler,
  type RedeliveryHandler,
  type WebhookHandler,
} from './handler.ts';
import { createKnownWebhooks, type KnownWebhooks } from './known-webhooks.ts';
import { type ReceiverUrlCheck, receiverUrlCheck } from './receiver-url.ts';

const Created = z.object({ id: z.uuid() });

export interface Webhooks {
  endpoints: WebhookHandler;
  redeliveries: RedeliveryHandler;
  known: KnownWebhooks;
  checkUrl: ReceiverUrlCheck;
  /** When an endpoint was created, as its event says. */
  createdAt(stream: string, endpointId: string): Promise<string>;
  close(): Promise<void>;
}

/** What the routes need to change webhooks. */
export function openWebhooks({
  url,
  store,
  allowAddresses,
  log,
}: {
  url: string;
  store: EventStore;
  /** Networks in CIDR notation that may be told although they are not public. */
  allowAddresses: readonly string[];
  log: Logger;
}): Webhooks {
  const pool = openPool({ url, name: 'transcodeflow webhook commands', max: 2, log });
  return {
    endpoints: createWebhookHandler(store),
    redeliveries: createRedeliveryHandler(store),
    known: createKnownWebhooks(pool),
    checkUrl: receiverUrlCheck(allowAddresses),
    async createdAt(stream, endpointId) {
      const created = (await store.read(stream)).find(
        ({ type, data }) => type === 'WebhookEndpointCreated' && Created.parse(data).id === endpointId,
      );
      if (!created) throw new Error(`${stream} does not tell of webhook ${endpointId}`);
      return created.time;
    },
    close: () => pool.end(),
  };
}
