import { Priority } from '@transcodeflow/shared/contracts/tasks.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { z } from 'zod';
import { profiles } from '../job/plan/profiles.ts';

/** The `options` field of an upload. */
export const UploadOptions = z.strictObject({
  profile: z.enum(Object.keys(profiles)).default('default'),
  priority: Priority.default('normal'),
  /** Spoken language (ISO 639-1), if it is known. */
  language: z
    .string()
    .regex(/^[a-z]{2}$/, 'must be a two-letter ISO 639-1 code such as "en"')
    .optional(),
  /** Kept with the job and given back with it. */
  metadata: z
    .record(z.string().max(64), z.string().max(1024))
    .refine((map) => Object.keys(map).length <= 50, 'at most 50 entries')
    .default({}),
});
export type UploadOptions = z.infer<typeof UploadOptions>;

/** @throws {AppError | z.ZodError} */
export function parseUploadOptions(text: string | undefined): UploadOptions {
  if (text === undefined || text === '') return UploadOptions.parse({});
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AppError('invalid_request', 'The field "options" must be JSON', {
      cause: error,
      fields: { options: 'not JSON' },
    });
  }
  return UploadOptions.parse(json);
}
