import { z } from 'zod';

/** tus 1.0's, in every request and answer. */
export const TusResumable = z.literal('1.0.0').describe('The version of the tus protocol.');

/** A number of bytes as a header has it. */
const bytes = z
  .string()
  .regex(/^(0|[1-9]\d{0,14})$/, 'must be a whole number of bytes')
  .transform(Number);

/** The headers of a request, lower-case, that make an upload. */
export const TusCreation = z
  .object({
    'upload-length': bytes.optional(),
    'upload-defer-length': z.literal('1').optional(),
    'upload-metadata': z.string().max(8192).optional(),
    'upload-concat': z.string().optional(),
    'upload-checksum': z.string().optional(),
  })
  .refine(
    (headers) => (headers['upload-length'] === undefined) !== (headers['upload-defer-length'] === undefined),
    {
      path: ['upload-length'],
      message: 'send either Upload-Length or Upload-Defer-Length: 1',
    },
  );

/** The headers of a request, lower-case, that brings bytes. */
export const TusChunk = z.object({
  'upload-offset': bytes,
  'upload-length': bytes.optional(),
  'upload-checksum': z.string().optional(),
});

/** Of an upload, in the path. */
export const UploadPath = z.object({ id: z.uuid().describe("The upload's id.") });

/** The body of `POST /api/uploads/presigned`. S3 takes at most 5 GiB by one PUT. */
export const PresignedRequest = z
  .strictObject({
    filename: z.string().min(1).max(1024),
    size_bytes: z
      .number()
      .int()
      .min(1)
      .max(5 * 2 ** 30, 'one PUT takes at most 5 GiB; use tus at /api/uploads'),
  })
  .meta({ id: 'PresignedRequest' });

/** How to send the bytes to the object store. */
export const PresignedUpload = z
  .strictObject({
    upload_id: z.uuid().describe('For `POST /api/jobs`, when the bytes are there.'),
    method: z.literal('PUT'),
    url: z.url(),
    headers: z.record(z.string(), z.string()).describe('To be sent as they are.'),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'PresignedUpload' });
