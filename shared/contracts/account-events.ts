import { z } from 'zod';
import { Priority } from './priority.ts';
import { accountEventUpcasters, accountEventVersion } from './versions/account-event-upcasters.ts';
import { upcast } from './versions/upcast.ts';

export const ApiKeyScope = z.enum(['read', 'write', 'admin']);

const by = z.string().describe('The id of the key that asked for it.');

/**
 * The events of API keys and of webhook endpoints, one schema per type: the public contract of the topic
 * `transcodeflow.accounts`. No secret is in them: of a key there is the digest, and an endpoint's signing secret is
 * derived from SECRET_KEY where it is needed.
 */
export const accountEventSchemas = {
  ApiKeyCreated: z.object({
    id: z.uuid(),
    account_id: z.string().describe('Every key is an account of its own: the same as `id`.'),
    name: z.string(),
    prefix: z.string().describe('Public part of the key, by which it is looked up: `tf_<prefix>_…`.'),
    hash: z.string().describe('SHA-256 of the whole key, in hex.'),
    scopes: z.array(ApiKeyScope).min(1),
    storage_quota_bytes: z
      .number()
      .int()
      .nonnegative()
      .nullable()
      .describe('Of all its sources; null: no limit.'),
    rate_limit: z.number().int().positive().nullable().describe('Requests per minute; null: the default.'),
    priority: Priority.describe('Of its jobs that do not name one.'),
    expires_at: z.iso.datetime().nullable().describe('From then on the key is refused; null: never.'),
    by,
  }),
  ApiKeyRevoked: z.object({ id: z.uuid(), account_id: z.string(), by }),
  WebhookEndpointCreated: z.object({
    id: z.uuid(),
    account_id: z.string(),
    url: z.string(),
    events: z
      .array(z.string())
      .min(1)
      .describe('Types as in deliveries, such as `job.completed`; `*` stands for all of them.'),
    description: z.string(),
    by,
  }),
  WebhookEndpointDeleted: z.object({ id: z.uuid(), account_id: z.string(), by }),
  WebhookRedeliveryRequested: z.object({ delivery_id: z.string(), account_id: z.string(), by }),
} as const;

export type AccountEventType = keyof typeof accountEventSchemas;
/** `{type, data}` of one account event, as `decide` returns it. */
export type AccountEvent = {
  [T in AccountEventType]: { type: T; data: z.infer<(typeof accountEventSchemas)[T]> };
}[AccountEventType];
export type AccountEventOf<T extends AccountEventType> = Extract<AccountEvent, { type: T }>;

export const isAccountEventType = (type: string): type is AccountEventType =>
  Object.hasOwn(accountEventSchemas, type);

/**
 * Validates an event where it enters or is read back; an old version becomes the current one first.
 * @param version that the data was written in; only what was just made needs none
 * @throws {z.ZodError} for data that does not fit
 * @throws {UnknownAccountEventError}
 * @throws {NewerVersionError}
 */
export function parseAccountEvent(
  type: string,
  data: unknown,
  version = accountEventVersion(type),
): AccountEvent {
  if (!isAccountEventType(type)) throw new UnknownAccountEventError(type);
  const current = upcast(type, accountEventUpcasters[type], version, data);
  return { type, data: accountEventSchemas[type].parse(current) } as AccountEvent;
}

export class UnknownAccountEventError extends Error {
  override name = 'UnknownAccountEventError';
  constructor(type: string) {
    super(`Unknown account event type "${type}": was it written by a newer version?`);
  }
}
