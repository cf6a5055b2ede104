import { z } from 'zod';
import { ApiKeyScope } from '../account-events.ts';
import { Priority } from '../priority.ts';
import { NO_CONTROL_CHARACTERS } from './no-control-characters.ts';

/** Above it a limit limits nothing. */
const MOST_REQUESTS_PER_MINUTE = 1_000_000;
const MOST_PER_PAGE = 100;
const MOST_PAGES = 1_000;

/** The same moment in UTC, as every answer and event has it. */
const Moment = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time such as "2027-01-02T03:04:05Z"' })
  .transform((text) => new Date(text).toISOString())
  // An offset can lead beyond the year 9999.
  .pipe(z.iso.datetime({ error: 'must be an RFC 3339 time' }));

const name = z.string().describe('For people.');
const prefix = z.string().regex(/^[0-9a-f]{12}$/);
const limits = {
  storage_quota_bytes: z
    .number()
    .int()
    .nonnegative()
    .nullable()
    .describe('Of all its sources together; null: no limit.'),
  rate_limit: z
    .number()
    .int()
    .positive()
    .max(MOST_REQUESTS_PER_MINUTE)
    .nullable()
    .describe('Requests per minute; null: the default.'),
};

/** Of an API key, in the path. */
export const ApiKeyPath = z.object({ id: z.uuid().describe("The key's id.") });

/** The body of `POST /api/keys`. */
export const NewApiKey = z
  .strictObject({
    name: name.trim().min(1).max(200).regex(NO_CONTROL_CHARACTERS, 'must not have control characters'),
    scopes: z
      .array(ApiKeyScope)
      .min(1)
      .refine((scopes) => new Set(scopes).size === scopes.length, 'must not name a scope twice')
      .meta({ uniqueItems: true }),
    storage_quota_bytes: limits.storage_quota_bytes.default(null),
    rate_limit: limits.rate_limit.default(null),
    priority: Priority.default('normal').describe('Of its jobs that do not name one.'),
    expires_at: Moment.nullable()
      .default(null)
      .describe('From then on the key is refused; in the future; null: never.'),
  })
  .meta({ id: 'NewApiKey' });
export type NewApiKey = z.infer<typeof NewApiKey>;

const shown = {
  id: z.uuid(),
  prefix: prefix.describe('The key begins with `tf_<prefix>_`.'),
  name,
  scopes: z.array(ApiKeyScope).min(1),
  ...limits,
  priority: Priority,
  expires_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
};

/** A key that was made, with its text. */
export const CreatedApiKey = z
  .strictObject({
    ...shown,
    key: z
      .string()
      .regex(/^tf_[0-9a-f]{12}_[\w-]{43}$/)
      .describe('Shown this once.'),
  })
  .meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;

/** A key without its text. */
export const ApiKey = z
  .strictObject({
    ...shown,
    last_used_at: z.iso.datetime().nullable().describe('To the minute; null: never.'),
    revoked_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

export const ApiKeyListQuery = z.object({
  page: z.coerce.number().int().min(1).max(MOST_PAGES).default(1),
  per_page: z.coerce.number().int().min(1).max(MOST_PER_PAGE).default(20),
});

export const ApiKeyList = z
  .strictObject({
    keys: z.array(ApiKey),
    page: z.number().int().positive(),
    per_page: z.number().int().positive(),
    total: z.number().int().nonnegative(),
    total_pages: z.number().int().nonnegative(),
  })
  .meta({ id: 'ApiKeyList' });
export type ApiKeyList = z.infer<typeof ApiKeyList>;

export const RevokedApiKey = z
  .strictObject({ id: z.uuid(), revoked: z.literal(true) })
  .meta({ id: 'RevokedApiKey' });
