import type { AccountEvent } from '@transcodeflow/shared/contracts/account-events.ts';

export type WebhookEvent = Extract<AccountEvent, { type: `WebhookEndpoint${string}` }>;
export type RedeliveryEvent = Extract<AccountEvent, { type: 'WebhookRedeliveryRequested' }>;

/**
 * All endpoints that an account ever had, by id, and whether each is still there. One stream for all of them, so that
 * the limit holds however many requests come at once (I1).
 */
export type WebhookState = Readonly<Record<string, 'active' | 'deleted'>>;
