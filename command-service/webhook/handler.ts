import { parseAccountEvent } from '@transcodeflow/shared/contracts/account-events.ts';
import { webhookStream } from '@transcodeflow/shared/contracts/routing.ts';
import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import { createHandler, type Handler } from '../decider.ts';
import type { RedeliverCommand, WebhookCommand } from './commands.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import type { RedeliveryEvent, WebhookEvent, WebhookState } from './state.ts';

/** The endpoints of an account: `webhook-{account id}`. */
export type WebhookHandler = Handler<WebhookCommand, WebhookState>;
/** The redeliveries of a delivery: `webhook-{delivery id}`. How many there were is all their state. */
export type RedeliveryHandler = Handler<RedeliverCommand, number>;

export const createWebhookHandler = (store: EventStore): WebhookHandler =>
  createHandler<WebhookCommand, WebhookState, WebhookEvent>(store, {
    stream: webhookStream,
    parse(type, data, version) {
      const event = parseAccountEvent(type, data, version);
      if (event.type === 'WebhookEndpointCreated' || event.type === 'WebhookEndpointDeleted') return event;
      throw damaged(type);
    },
    decide,
    evolve,
  });

export const createRedeliveryHandler = (store: EventStore): RedeliveryHandler =>
  createHandler<RedeliverCommand, number, RedeliveryEvent>(store, {
    stream: webhookStream,
    parse(type, data, version) {
      const event = parseAccountEvent(type, data, version);
      if (event.type === 'WebhookRedeliveryRequested') return event;
      throw damaged(type);
    },
    decide: ({ data }) => [{ type: 'WebhookRedeliveryRequested', data }],
    evolve: (before = 0) => before + 1,
  });

const damaged = (type: string) => new Error(`${type} in a stream of webhooks: the stream is damaged`);
