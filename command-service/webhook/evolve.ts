import type { WebhookEvent, WebhookState } from './state.ts';

/** Folds one event into the state. Pure; total over every stored event. */
export function evolve(state: WebhookState = {}, event: WebhookEvent): WebhookState {
  switch (event.type) {
    case 'WebhookEndpointCreated':
      return { ...state, [event.data.id]: 'active' };
    case 'WebhookEndpointDeleted':
      return { ...state, [event.data.id]: 'deleted' };
    default:
      return event satisfies never;
  }
}
