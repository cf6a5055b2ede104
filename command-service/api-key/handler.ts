import { parseAccountEvent } from '@transcodeflow/shared/contracts/account-events.ts';
import { apiKeyStream } from '@transcodeflow/shared/contracts/routing.ts';
import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import { createHandler, type Handler } from '../decider.ts';
import type { ApiKeyCommand } from './commands.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import type { ApiKey, ApiKeyEvent } from './state.ts';

export type ApiKeyHandler = Handler<ApiKeyCommand, ApiKey>;

export const createApiKeyHandler = (store: EventStore): ApiKeyHandler =>
  createHandler(store, {
    stream: apiKeyStream,
    parse: parseApiKeyEvent,
    decide: (command, state) => decide(command, state, { now: new Date() }),
    evolve,
  });

function parseApiKeyEvent(type: string, data: unknown, version: number): ApiKeyEvent {
  const event = parseAccountEvent(type, data, version);
  if (event.type === 'ApiKeyCreated' || event.type === 'ApiKeyRevoked') return event;
  throw new Error(`${type} in the stream of an API key: the stream is damaged`);
}
