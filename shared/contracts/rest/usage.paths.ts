import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';
import { needs } from './needs.ts';
import { refusals } from './refusals.ts';
import { Usage } from './usage.ts';

/** Storage that is taken and left. Merged into the document by `openapi.ts`. */
export const usagePaths = {
  '/api/usage': {
    get: {
      operationId: 'getUsage',
      tags: ['usage'],
      summary: 'Storage that your API key has taken and has left',
      description:
        'Counted are sources, from the first byte of an upload until the job is deleted; outputs are not.',
      security: needs('read'),
      responses: { 200: json(Usage, 'The figures of this moment.'), ...refusals() },
    },
  },
} satisfies ZodOpenApiPathsObject;
