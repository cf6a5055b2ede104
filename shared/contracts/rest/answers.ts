import type { z } from 'zod';
import type { ZodOpenApiHeadersObject, ZodOpenApiResponseObject } from 'zod-openapi';

/** A JSON answer; headers that every answer has (X-Request-Id, RateLimit …) are added by the document's builder. */
export const json = (
  schema: z.ZodType,
  description: string,
  headers?: ZodOpenApiHeadersObject,
): ZodOpenApiResponseObject => ({
  description,
  ...(headers ? { headers } : {}),
  content: { 'application/json': { schema } },
});

/** An answer that says nothing but its status. */
export const empty = (description: string, headers?: ZodOpenApiHeadersObject): ZodOpenApiResponseObject => ({
  description,
  ...(headers ? { headers } : {}),
});
