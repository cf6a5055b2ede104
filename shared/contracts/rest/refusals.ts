import type { ZodOpenApiResponsesObject } from 'zod-openapi';
import { type ErrorCode, errorTable } from '../../errors.ts';

/** What any call may be answered with, whoever calls. */
const ANY_CALL: readonly ErrorCode[] = [
  'invalid_request',
  'uri_too_long',
  'headers_too_large',
  'rate_limited',
  'internal',
];
/** And any call that needs a key. */
const KEY: readonly ErrorCode[] = ['api_key_missing', 'api_key_invalid', 'scope_missing', 'unavailable'];

type ErrorStatus = `${4 | 5}${string}`;

/**
 * The refusals of a call that needs a key: one answer per status, which names the codes that come with it. Those that
 * every such call has (key, scope, rate limit, `invalid_request`, `unavailable`, `internal`) are included.
 */
export const refusals = (...codes: ErrorCode[]): ZodOpenApiResponsesObject => openRefusals(...KEY, ...codes);

/** The refusals of a call without a key, with `invalid_request`, `rate_limited` and `internal` included. */
export function openRefusals(...codes: ErrorCode[]): ZodOpenApiResponsesObject {
  const all = [...new Set([...ANY_CALL, ...codes])];
  const statuses = [...new Set(all.map((code) => errorTable[code].status))].sort((a, b) => a - b);
  const answers: ZodOpenApiResponsesObject = {};
  for (const status of statuses) {
    const of = all.filter((code) => errorTable[code].status === status);
    answers[`${status}` as ErrorStatus] = {
      description: of.map((code) => `${errorTable[code].title} (\`${code}\`)`).join('; '),
      content: {
        'application/problem+json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Problem' },
              { type: 'object', properties: { status: { const: status }, code: { enum: of } } },
            ],
          },
        },
      },
    };
  }
  return answers;
}
