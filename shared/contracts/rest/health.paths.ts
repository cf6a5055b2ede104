import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';
import { Alive, Ready } from './health.ts';
import { open } from './needs.ts';
import { openRefusals } from './refusals.ts';

/** For probes: no key, no rate limit. */
export const healthPaths = {
  '/healthz': {
    get: {
      operationId: 'getHealth',
      tags: ['health'],
      summary: 'Whether the process answers',
      security: open,
      responses: { 200: json(Alive, 'It does.'), ...openRefusals() },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadiness',
      tags: ['health'],
      summary: 'Whether everything that it needs does too',
      security: open,
      responses: {
        200: json(Ready, 'All is there.'),
        503: json(Ready, 'Something is not.'),
        ...openRefusals(),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
