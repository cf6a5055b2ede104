import type { createDocument, oas31 } from 'zod-openapi';

export type OpenApiDocument = ReturnType<typeof createDocument>;

/** Headers that answers of every call have. */
export const answerHeaders = {
  XRequestId: {
    required: true,
    description: 'Of this request: yours (1 to 64 letters, digits, `.`, `_`, `-`) or a new one.',
    schema: { type: 'string', pattern: '^[\\w.-]{1,64}$' },
  },
  RateLimit: {
    description:
      'What is left of each limit and the seconds until it is whole again (IETF draft), such as `"key";r=5999;t=60`.',
    schema: { type: 'string' },
  },
  RateLimitPolicy: {
    description:
      'The limits that count: requests `q` per window of `w` seconds, such as `"key";q=6000;w=60`.',
    schema: { type: 'string' },
  },
  RetryAfter: { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 0 } },
} satisfies Record<string, oas31.HeaderObject>;

const reference = (name: keyof typeof answerHeaders) => ({ $ref: `#/components/headers/${name}` });
const everywhere = { 'X-Request-Id': reference('XRequestId') };
const limited = { RateLimit: reference('RateLimit'), 'RateLimit-Policy': reference('RateLimitPolicy') };
const METHODS = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete'] as const;
/** Answered however often they are asked. */
const UNLIMITED = new Set(['/healthz', '/readyz']);

/** Adds to each answer the headers that every answer has. */
export function addAnswerHeaders(document: OpenApiDocument): OpenApiDocument {
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of METHODS)
      for (const [status, response] of Object.entries(item[method]?.responses ?? {})) {
        response.headers = {
          ...everywhere,
          ...(UNLIMITED.has(path) ? {} : limited),
          ...(status === '429' ? { 'Retry-After': reference('RetryAfter') } : {}),
          ...response.headers,
        };
      }
  return document;
}
