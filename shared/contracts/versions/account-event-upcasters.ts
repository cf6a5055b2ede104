import type { AccountEventType } from '../account-events.ts';
import { currentVersion, type Upcasters } from './upcast.ts';

/** As for job events: how old versions of each account event become the current one. */
export const accountEventUpcasters: Record<AccountEventType, Upcasters> = {
  ApiKeyCreated: [],
  ApiKeyRevoked: [],
  WebhookEndpointCreated: [],
  WebhookEndpointDeleted: [],
  WebhookRedeliveryRequested: [],
};

const upcastersOf = (type: string): Upcasters =>
  Object.hasOwn(accountEventUpcasters, type) ? accountEventUpcasters[type as AccountEventType] : [];

/** The version that events of a type are written in. */
export const accountEventVersion = (type: string): number => currentVersion(upcastersOf(type));
