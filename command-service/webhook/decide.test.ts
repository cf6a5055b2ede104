import { parseAccountEvent } from '@transcodeflow/shared/contracts/account-events.ts';
import { MOST_WEBHOOKS } from '@transcodeflow/shared/contracts/rest/webhooks.ts';
import test, { type ExecutionContext } from 'ava';
import type { WebhookCommand } from './commands.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import type { WebhookEvent, WebhookState } from './state.ts';

const id = (n: number) => `019b7a11-7000-7000-8000-${String(n).padStart(12, '0')}`;
const endpoint = (n: number) => ({
  id: id(n),
  account_id: 'anna',
  url: 'https://example.com/hook',
  events: ['*'],
  description: '',
  by: 'anna',
});
const create = (n: number): WebhookCommand => ({ type: 'CreateEndpoint', data: endpoint(n) });
const remove = (n: number): WebhookCommand => ({
  type: 'DeleteEndpoint',
  data: { id: id(n), account_id: 'anna', by: 'anna' },
});
const created = (n: number): WebhookEvent => ({ type: 'WebhookEndpointCreated', data: endpoint(n) });
const deleted = (n: number): WebhookEvent => ({
  type: 'WebhookEndpointDeleted',
  data: { id: id(n), account_id: 'anna', by: 'anna' },
});

/** Reads given(events).when(command).then(events). */
const given = (...history: WebhookEvent[]) => ({
  when(command: WebhookCommand) {
    const decided = () => decide(command, history.reduce<WebhookState | undefined>(evolve, undefined));
    return {
      // biome-ignore lint/suspicious/noThenProperty: the word of the specs; nobody awaits this object.
      then(t: ExecutionContext, ...expected: WebhookEvent[]): void {
        t.deepEqual(decided(), expected);
        for (const { type, data } of expected) t.deepEqual(parseAccountEvent(type, data), { type, data });
      },
      thenRefused(t: ExecutionContext, code: string): void {
        t.throws(decided, { code });
      },
    };
  },
});
const full = Array.from({ length: MOST_WEBHOOKS }, (_, n) => created(n));

test('an endpoint is created once, and never again under the same id', (t) => {
  given().when(create(1)).then(t, created(1));
  given(created(1)).when(create(1)).then(t);
  given(created(1), deleted(1)).when(create(1)).then(t);
});

test('an endpoint is deleted once; one that is not there cannot be', (t) => {
  given(created(1), created(2)).when(remove(1)).then(t, deleted(1));
  given(created(1), deleted(1)).when(remove(1)).thenRefused(t, 'webhook_not_found');
  given(created(2)).when(remove(1)).thenRefused(t, 'webhook_not_found');
  given().when(remove(1)).thenRefused(t, 'webhook_not_found');
});

test('the limit counts what is there', (t) => {
  given(...full)
    .when(create(100))
    .thenRefused(t, 'webhook_limit_reached');
  given(...full)
    .when(create(3))
    .then(t);
  given(...full, deleted(3))
    .when(create(100))
    .then(t, created(100));
});
