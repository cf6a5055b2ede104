import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { empty, json } from './answers.ts';
import { IdempotencyHeader } from './job-changes.ts';
import { needs } from './needs.ts';
import { refusals } from './refusals.ts';
import {
  CreatedWebhook,
  DeletedWebhook,
  DeliveryList,
  DeliveryListQuery,
  DeliveryPath,
  DeliveryWithLog,
  MOST_WEBHOOKS,
  NewWebhook,
  Redelivery,
  Webhook,
  WebhookList,
  WebhookPath,
  WebhookSecret,
  WebhookSecretQuery,
} from './webhooks.ts';

const ETag = z.string();
const conditional = z.object({ 'If-None-Match': z.string().optional() });
const unchanged = empty('You have it already (If-None-Match).', z.object({ ETag }));
const repeatable = ['request_in_progress', 'idempotency_mismatch'] as const;
const read = { tags: ['webhooks'], security: needs('read') };
const change = { tags: ['webhooks'], security: needs('write') };
const ofWebhook = ['webhook_not_found', 'webhook_of_another_account'] as const;
const ofDelivery = ['delivery_not_found', 'delivery_of_another_account'] as const;

/** Webhooks of an API key, and the log of what was sent. What is sent, and how it is verified: docs/webhooks.md. */
export const webhookPaths = {
  '/api/webhooks': {
    post: {
      operationId: 'createWebhook',
      summary: 'Have a server of yours told of events',
      description: `From now on; at most ${MOST_WEBHOOKS} for one API key. Messages are signed as in Standard Webhooks.`,
      ...change,
      requestParams: { header: IdempotencyHeader },
      requestBody: { required: true, content: { 'application/json': { schema: NewWebhook } } },
      responses: {
        201: json(CreatedWebhook, 'With the secret for its signatures.', z.object({ Location: z.string() })),
        ...refusals('webhook_limit_reached', 'payload_too_large', 'unsupported_media_type', ...repeatable),
      },
    },
    get: {
      operationId: 'listWebhooks',
      summary: 'Your webhooks, the oldest first',
      ...read,
      requestParams: { header: conditional },
      responses: {
        200: json(WebhookList, 'All of them, without their secrets.', z.object({ ETag })),
        304: unchanged,
        ...refusals(),
      },
    },
  },
  '/api/webhooks/secret': {
    get: {
      operationId: 'getWebhookSecret',
      summary: 'The secret for the signatures of a webhook, or of your jobs',
      description: 'Messages to URLs that jobs name themselves (`webhook.url`) have one secret for all jobs.',
      ...change,
      requestParams: { query: WebhookSecretQuery },
      responses: { 200: json(WebhookSecret, 'It stays the same.'), ...refusals(...ofWebhook) },
    },
  },
  '/api/webhooks/{id}': {
    get: {
      operationId: 'getWebhook',
      summary: 'A webhook',
      ...read,
      requestParams: { path: WebhookPath, header: conditional },
      responses: {
        200: json(Webhook, 'Without its secret.', z.object({ ETag })),
        304: unchanged,
        ...refusals(...ofWebhook),
      },
    },
    delete: {
      operationId: 'deleteWebhook',
      summary: 'Delete a webhook',
      description: 'Nothing more is sent to it; deliveries that are still to come are cancelled.',
      ...change,
      requestParams: { path: WebhookPath, header: IdempotencyHeader },
      responses: {
        200: json(DeletedWebhook, 'It is deleted.'),
        ...refusals(...ofWebhook, ...repeatable),
      },
    },
  },
  '/api/webhooks/deliveries': {
    get: {
      operationId: 'listDeliveries',
      summary: 'What was sent to your webhooks, and what came of it; the newest first',
      description: 'Kept for 30 days after their end.',
      ...read,
      requestParams: { query: DeliveryListQuery, header: conditional },
      responses: {
        200: json(DeliveryList, 'A page of deliveries.', z.object({ ETag })),
        304: unchanged,
        ...refusals(),
      },
    },
  },
  '/api/webhooks/deliveries/{id}': {
    get: {
      operationId: 'getDelivery',
      summary: 'A delivery with each of its attempts',
      ...read,
      requestParams: { path: DeliveryPath, header: conditional },
      responses: {
        200: json(DeliveryWithLog, 'The delivery.', z.object({ ETag })),
        304: unchanged,
        ...refusals(...ofDelivery),
      },
    },
  },
  '/api/webhooks/deliveries/{id}/redeliver': {
    post: {
      operationId: 'redeliver',
      summary: 'Send a delivery again',
      description:
        'At once and, if need be, by the whole schedule of retries; the id of the message stays the same.',
      ...change,
      requestParams: { path: DeliveryPath, header: IdempotencyHeader },
      responses: {
        202: json(Redelivery, 'It is due.'),
        ...refusals(...ofDelivery, 'webhook_not_found', ...repeatable),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
