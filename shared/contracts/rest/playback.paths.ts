import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';
import { JobPath } from './job-changes.ts';
import { needs, open } from './needs.ts';
import { rangedOutput } from './output-answers.ts';
import { Playback, PlaybackQuery, PlayPath } from './playback.ts';
import { openRefusals, refusals } from './refusals.ts';

const play = {
  tags: ['playback'],
  description: 'Without an API key: the address is the permission. Any site may use it.',
  security: open,
  requestParams: { path: PlayPath, header: rangedOutput.header },
  responses: {
    ...rangedOutput.responses,
    ...openRefusals(
      'playback_url_invalid',
      'playback_url_expired',
      'job_not_found',
      'output_not_found',
      'precondition_failed',
      'range_not_satisfiable',
      'unavailable',
    ),
  },
};

/** Addresses for players, which know no API key. */
export const playbackPaths = {
  '/api/jobs/{id}/playback': {
    get: {
      operationId: 'getPlayback',
      tags: ['playback'],
      summary: 'Addresses to play a job with',
      description: 'Links in the playlists work from there: relative ones keep the permission.',
      security: needs('read'),
      requestParams: { path: JobPath, query: PlaybackQuery },
      responses: {
        200: json(Playback, 'Addresses that end by themselves.'),
        ...refusals('job_not_found', 'job_of_another_account', 'revision_not_reached', 'job_not_completed'),
      },
    },
  },
  '/play/{token}/{path}': {
    get: { operationId: 'play', summary: 'Play an output', ...play },
    head: { operationId: 'headPlay', summary: 'What playing would answer, without its bytes', ...play },
  },
} satisfies ZodOpenApiPathsObject;
