import { z } from 'zod';
import { EVERY_EVENT, lifecycleEvents, webhookEventNames } from '../webhook-events.ts';
import { NO_CONTROL_CHARACTERS } from './no-control-characters.ts';

/** Of one API key. */
export const MOST_WEBHOOKS = 20;
const MOST_PER_PAGE = 100;
/** Pages are for people; beyond this depth an offset costs more than it is worth. */
const MOST_PAGES = 1_000;
/** As many as the pages show; counting further would read what nobody can look at. */
export const MOST_COUNTED = MOST_PER_PAGE * MOST_PAGES;

export const WebhookEventName = z
  .enum([...webhookEventNames, EVERY_EVENT])
  .describe('The `type` of messages; `*` stands for all of them, also those of later versions.')
  .meta({ id: 'WebhookEventName' });

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2048);
const description = z
  .string()
  .max(200)
  .regex(NO_CONTROL_CHARACTERS, 'must not have control characters')
  .describe('For people.');
const secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/)
  .describe('What signatures are verified with (Standard Webhooks).');

/** Of a webhook, in the path. */
export const WebhookPath = z.object({ id: z.uuid().describe("The webhook's id.") });
/** Of a delivery, in the path. */
export const DeliveryPath = z.object({ id: z.uuid().describe("The delivery's id.") });

/** The body of `POST /api/webhooks`. */
export const NewWebhook = z
  .strictObject({
    url: url.describe('Of your server; only public addresses are asked.'),
    events: z
      .array(WebhookEventName)
      .min(1)
      .refine((events) => new Set(events).size === events.length, 'must not name an event twice')
      .default([...lifecycleEvents])
      .meta({ uniqueItems: true }),
    description: description.default(''),
  })
  .meta({ id: 'NewWebhook' });
export type NewWebhook = z.infer<typeof NewWebhook>;

export const Webhook = z
  .strictObject({
    id: z.uuid(),
    url: z.string(),
    events: z.array(z.string()).min(1).describe('Types of messages; `*` stands for all.'),
    description: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof Webhook>;

export const CreatedWebhook = Webhook.extend({ secret }).meta({ id: 'CreatedWebhook' });
export type CreatedWebhook = z.infer<typeof CreatedWebhook>;

export const WebhookList = z
  .strictObject({ webhooks: z.array(Webhook).max(MOST_WEBHOOKS) })
  .meta({ id: 'WebhookList' });
export type WebhookList = z.infer<typeof WebhookList>;

export const DeletedWebhook = z
  .strictObject({ id: z.uuid(), deleted: z.literal(true) })
  .meta({ id: 'DeletedWebhook' });

/** The query of `GET /api/webhooks/secret`. */
export const WebhookSecretQuery = z.strictObject({
  webhook_id: z.uuid().optional().describe('Absent: for the URLs that your jobs name themselves.'),
});

export const WebhookSecret = z.strictObject({ secret }).meta({ id: 'WebhookSecret' });
export type WebhookSecret = z.infer<typeof WebhookSecret>;

export const DeliveryStatus = z
  .enum(['pending', 'delivered', 'failed', 'cancelled'])
  .describe('`failed`: given up; `cancelled`: the webhook was deleted first.')
  .meta({ id: 'DeliveryStatus' });
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

const StatusCode = z.number().int().min(100).max(599).nullable();
const ErrorText = z.string().nullable();

/** One event for one receiver. */
export const Delivery = z
  .strictObject({
    id: z.uuid(),
    event_id: z.uuid().describe('The header `webhook-id`; the same at each attempt.'),
    event: z.string().describe('The `type` of the message.'),
    job_id: z.uuid(),
    endpoint_id: z.uuid().nullable().describe("Of the webhook; null: the job's own URL."),
    url: z.string(),
    status: DeliveryStatus,
    attempts: z.number().int().nonnegative(),
    next_attempt_at: z.iso.datetime().nullable().describe('Of a pending one; null: there is none.'),
    last_status_code: StatusCode.describe('Of the last attempt; null: no answer.'),
    last_error: ErrorText,
    created_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;

export const DeliveryAttempt = z
  .strictObject({
    number: z.number().int().positive(),
    started_at: z.iso.datetime(),
    finished_at: z.iso
      .datetime()
      .nullable()
      .describe('null: under way, or cut off before anybody knew what came of it.'),
    status_code: StatusCode,
    error: ErrorText,
    response: z.string().nullable().describe("The first KiB of the answer's body."),
  })
  .meta({ id: 'DeliveryAttempt' });
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>;

export const DeliveryWithLog = Delivery.extend({
  payload: z.string().describe('The body that is sent, to the byte.'),
  log: z.array(DeliveryAttempt),
}).meta({ id: 'DeliveryWithLog' });
export type DeliveryWithLog = z.infer<typeof DeliveryWithLog>;

const whole = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(1, 'must be at least 1').max(most, `must be at most ${most}`));

/** The query of `GET /api/webhooks/deliveries`. */
export const DeliveryListQuery = z.strictObject({
  job_id: z.uuid().optional(),
  endpoint_id: z.uuid().optional(),
  status: DeliveryStatus.optional(),
  page: whole(MOST_PAGES).default(1),
  per_page: whole(MOST_PER_PAGE).default(20),
});
export type DeliveryListQuery = z.infer<typeof DeliveryListQuery>;

export const DeliveryList = z
  .strictObject({
    deliveries: z.array(Delivery),
    page: z.number().int().positive(),
    per_page: z.number().int().positive(),
    total: z.number().int().nonnegative().max(MOST_COUNTED).describe(`Counted up to ${MOST_COUNTED}.`),
    total_pages: z.number().int().nonnegative(),
  })
  .meta({ id: 'DeliveryList' });
export type DeliveryList = z.infer<typeof DeliveryList>;

export const Redelivery = z
  .strictObject({ id: z.uuid(), status: z.literal('pending') })
  .meta({ id: 'Redelivery' });
