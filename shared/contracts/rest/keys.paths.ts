import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';
import { IdempotencyHeader } from './job-changes.ts';
import {
  ApiKey,
  ApiKeyList,
  ApiKeyListQuery,
  ApiKeyPath,
  CreatedApiKey,
  NewApiKey,
  RevokedApiKey,
} from './keys.ts';
import { needs } from './needs.ts';
import { refusals } from './refusals.ts';

const common = { tags: ['keys'], security: needs('admin') };
const ETag = z.string();
const conditional = z.object({ 'If-None-Match': z.string().optional() });
const unchanged = { description: 'You have it already (If-None-Match).', headers: z.object({ ETag }) };

/** API keys. Each key is an account of its own: it sees its own jobs only. */
export const keyPaths = {
  '/api/keys': {
    post: {
      operationId: 'createKey',
      summary: 'Make an API key',
      description: 'The key itself is in this answer only; what is stored cannot be turned back into it.',
      ...common,
      requestParams: { header: IdempotencyHeader },
      requestBody: { required: true, content: { 'application/json': { schema: NewApiKey } } },
      responses: {
        201: json(CreatedApiKey, 'The key works from now on.', z.object({ Location: z.string() })),
        ...refusals(
          'payload_too_large',
          'unsupported_media_type',
          'request_in_progress',
          'idempotency_mismatch',
        ),
      },
    },
    get: {
      operationId: 'listKeys',
      summary: 'All API keys, the newest first',
      description: 'Revoked and expired ones too; the bootstrap key is not among them.',
      ...common,
      requestParams: { query: ApiKeyListQuery, header: conditional },
      responses: {
        200: json(ApiKeyList, 'A page of keys.', z.object({ ETag })),
        304: unchanged,
        ...refusals(),
      },
    },
  },
  '/api/keys/{id}': {
    get: {
      operationId: 'getKey',
      summary: 'An API key',
      ...common,
      requestParams: { path: ApiKeyPath, header: conditional },
      responses: {
        200: json(ApiKey, 'The key, without its text.', z.object({ ETag })),
        304: unchanged,
        ...refusals('api_key_not_found'),
      },
    },
    delete: {
      operationId: 'revokeKey',
      summary: 'Revoke an API key',
      description: 'It is refused within a second. To revoke a revoked key again is no error. Its jobs stay.',
      ...common,
      requestParams: { path: ApiKeyPath },
      responses: {
        200: json(RevokedApiKey, 'The key is revoked.'),
        ...refusals('api_key_not_found', 'api_key_permanent'),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
