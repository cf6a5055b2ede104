import { z } from 'zod';
import type { ZodOpenApiResponsesObject } from 'zod-openapi';
import { conditional, ETag, unchanged } from './conditional.ts';

/** Types of the files that jobs make. */
const types = [
  'video/mp4',
  'audio/mp4',
  'video/iso.segment',
  'application/vnd.apple.mpegurl',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'text/vtt',
  'text/plain',
  'application/x-subrip',
  'application/json',
  'application/octet-stream',
];
const content = Object.fromEntries(types.map((type) => [type, { schema: {} }]));

const headers = z.object({
  ETag,
  'Last-Modified': z.string(),
  'Accept-Ranges': z.literal('bytes'),
  'Content-Disposition': z.string().describe("With a name made of the uploaded file's."),
});

/** A call that serves a file; `precondition_failed` and `range_not_satisfiable` are among its refusals. */
export const rangedOutput = {
  header: conditional.extend({
    'If-Match': z.string().optional(),
    'If-Modified-Since': z.string().optional(),
    'If-Unmodified-Since': z.string().optional(),
    Range: z.string().optional().describe('One range of bytes, such as `bytes=0-1023`.'),
    'If-Range': z.string().optional(),
  }),
  responses: {
    200: { description: 'The whole.', headers, content },
    206: {
      description: 'The range that was asked for.',
      headers: headers.extend({ 'Content-Range': z.string() }),
      content,
    },
    304: unchanged,
  } satisfies ZodOpenApiResponsesObject,
};
