import type { ApiKeyEvent, ApiKeyState } from './state.ts';

/** Folds one event into the state. Pure; total over every stored event. */
export function evolve(state: ApiKeyState, event: ApiKeyEvent): ApiKeyState {
  switch (event.type) {
    case 'ApiKeyCreated':
      return { status: 'active', created: event.data };
    case 'ApiKeyRevoked':
      if (!state) throw new Error('ApiKeyRevoked before ApiKeyCreated: the stream is damaged');
      return { ...state, status: 'revoked' };
    default:
      return event satisfies never;
  }
}
