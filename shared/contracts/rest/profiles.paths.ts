import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';
import { conditional, ETag, unchanged } from './conditional.ts';
import { needs } from './needs.ts';
import { ProfileList } from './profiles.ts';
import { refusals } from './refusals.ts';

/** What can be asked for. Merged into the document by `openapi.ts`. */
export const profilePaths = {
  '/api/profiles': {
    get: {
      operationId: 'listProfiles',
      tags: ['jobs'],
      summary: 'The profiles that a job may name',
      description:
        'Each with its ladder, codecs and settings; the options of a job change them for that job.',
      security: needs('read'),
      requestParams: { header: conditional },
      responses: {
        200: json(ProfileList, 'All profiles; the default comes first.', z.object({ ETag })),
        304: unchanged,
        ...refusals(),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
