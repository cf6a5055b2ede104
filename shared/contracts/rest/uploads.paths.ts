import { z } from 'zod';
import type { ZodOpenApiPathsObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { json } from './answers.ts';
import { needs } from './needs.ts';
import { refusals } from './refusals.ts';
import { PresignedRequest, PresignedUpload, TusResumable, UploadPath } from './uploads.ts';

const wholeNumber = z.string().regex(/^(0|[1-9]\d{0,14})$/);
const version = { 'Tus-Resumable': TusResumable };
const length = wholeNumber.describe('Bytes of the whole upload.');
const offset = wholeNumber.describe('Bytes that are there.');
const checksum = z
  .string()
  .describe(
    '`sha1`, `sha256` or `md5`, a space and the digest of the body in base64: a body that differs is not taken. At most 256 MiB at once.',
  );
const expires = z
  .string()
  .describe('When the upload is removed if no more bytes come and no job is made of it.');

const tus = (description: string, headers: Record<string, z.ZodType> = {}): ZodOpenApiResponseObject => ({
  description,
  headers: z.object({ ...version, ...headers }),
});
const bytes = {
  content: { 'application/offset+octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
};
const mine = ['upload_not_found', 'upload_of_another_account', 'upload_gone'] as const;
const about = { url: 'https://tus.io/protocols/resumable-upload' };

/** Resumable uploads (tus 1.0), and those that go straight to the object store. */
export const resumableUploadPaths = {
  '/api/uploads': {
    options: {
      operationId: 'describeUploads',
      tags: ['uploads'],
      summary: 'What this tus server can do',
      security: needs('write'),
      externalDocs: about,
      responses: {
        204: tus('Nothing but headers.', {
          'Tus-Version': z.string(),
          'Tus-Extension': z.string(),
          'Tus-Max-Size': wholeNumber,
          'Tus-Checksum-Algorithm': z.string(),
        }),
        ...refusals(),
      },
    },
    post: {
      operationId: 'createUpload',
      tags: ['uploads'],
      summary: 'Begin a resumable upload (tus 1.0)',
      description:
        'The bytes are counted against the quota from here on. `Location` is where they go, in as many `PATCH`es as ' +
        'it takes; the first ones may come with this call. Uploads are not concatenated.',
      security: needs('write'),
      externalDocs: about,
      requestParams: {
        header: z.object({
          ...version,
          'Upload-Length': length.optional(),
          'Upload-Defer-Length': z
            .literal('1')
            .optional()
            .describe('In place of a length that is not known yet.'),
          'Upload-Metadata': z
            .string()
            .max(8192)
            .optional()
            .describe('Pairs of a key and a base64 value, separated by commas; `filename` is kept.'),
          'Upload-Checksum': checksum.optional(),
        }),
      },
      requestBody: { required: false, ...bytes },
      responses: {
        201: tus('The upload can begin.', {
          Location: z.string().describe('Path of the upload; its last part is the id for `POST /api/jobs`.'),
          'Upload-Offset': offset.optional(),
          'Upload-Expires': expires,
        }),
        ...refusals(
          'upload_protocol_version',
          'payload_too_large',
          'quota_exceeded',
          'checksum_mismatch',
          'upload_locked',
          'upload_timed_out',
          'not_supported',
        ),
      },
    },
  },
  '/api/uploads/{id}': {
    head: {
      operationId: 'askUploadOffset',
      tags: ['uploads'],
      summary: 'How much of an upload is there',
      security: needs('write'),
      externalDocs: about,
      requestParams: { path: UploadPath, header: z.object(version) },
      responses: {
        200: tus('Go on from this offset.', {
          'Upload-Offset': offset,
          'Upload-Length': length.optional(),
          'Upload-Defer-Length': z.literal('1').optional(),
          'Upload-Metadata': z.string().optional(),
          'Upload-Expires': expires,
        }),
        ...refusals(...mine, 'upload_protocol_version', 'upload_locked'),
      },
    },
    patch: {
      operationId: 'sendUploadBytes',
      tags: ['uploads'],
      summary: 'Send the next bytes of an upload',
      description:
        'What came is kept, also when the connection breaks in the middle, unless a checksum was sent.',
      security: needs('write'),
      externalDocs: about,
      requestParams: {
        path: UploadPath,
        header: z.object({
          ...version,
          'Upload-Offset': offset,
          'Upload-Length': length.optional().describe('Where it was not known before.'),
          'Upload-Checksum': checksum.optional(),
        }),
      },
      requestBody: { required: true, ...bytes },
      responses: {
        204: tus('The bytes are there.', { 'Upload-Offset': offset, 'Upload-Expires': expires }),
        ...refusals(
          ...mine,
          'upload_protocol_version',
          'upload_offset_conflict',
          'upload_locked',
          'upload_timed_out',
          'request_in_progress',
          'payload_too_large',
          'quota_exceeded',
          'unsupported_media_type',
          'checksum_mismatch',
        ),
      },
    },
    delete: {
      operationId: 'endUpload',
      tags: ['uploads'],
      summary: 'Remove an upload',
      description: 'Its bytes go and its quota is free again, however far it is.',
      security: needs('write'),
      externalDocs: about,
      requestParams: { path: UploadPath },
      responses: { 204: tus('The upload is gone.'), ...refusals(...mine, 'upload_locked', 'upload_used') },
    },
  },
  '/api/uploads/presigned': {
    post: {
      operationId: 'presignUpload',
      tags: ['uploads'],
      summary: 'Get a URL to upload to the object store itself',
      description:
        'One `PUT` of exactly so many bytes, at most 5 GiB, without the API key; then `POST /api/jobs`. Only where the ' +
        'object store is S3: else `not_supported`, and tus at `/api/uploads` is the way.',
      security: needs('write'),
      requestBody: { required: true, content: { 'application/json': { schema: PresignedRequest } } },
      responses: {
        201: json(PresignedUpload, 'The bytes are set aside in the quota.'),
        ...refusals('payload_too_large', 'quota_exceeded', 'unsupported_media_type', 'not_supported'),
      },
    },
  },
} satisfies ZodOpenApiPathsObject;
