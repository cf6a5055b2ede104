import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { empty } from './answers.ts';
import { open } from './needs.ts';
import { openRefusals } from './refusals.ts';

const text = (type: string, description: string) => ({
  description,
  content: { [type]: { schema: { type: 'string' as const } } },
});

/** The API's own documentation. */
export const documentPaths = {
  '/openapi.json': {
    get: {
      operationId: 'getOpenApi',
      tags: ['documents'],
      summary: 'This document',
      security: open,
      responses: {
        200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
        304: empty('You have it already (If-None-Match).'),
        ...openRefusals(),
      },
    },
  },
  '/docs': {
    get: {
      operationId: 'getDocs',
      tags: ['documents'],
      summary: 'This document as a page to browse and to try',
      security: open,
      responses: { 200: text('text/html', 'The page.'), ...openRefusals() },
    },
  },
} satisfies ZodOpenApiPathsObject;
