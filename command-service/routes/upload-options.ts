import { JobOptions } from '@transcodeflow/shared/contracts/rest/jobs.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { checkJson } from '@transcodeflow/shared/http/check-json.ts';

/**
 * The `options` field of an upload.
 * @throws {AppError | z.ZodError}
 */
export function parseUploadOptions(text: string | undefined): JobOptions {
  if (text === undefined || text === '') return JobOptions.parse({});
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AppError('invalid_request', 'The field "options" must be JSON', {
      cause: error,
      fields: { options: 'not JSON' },
    });
  }
  checkJson(json);
  return JobOptions.parse(json);
}
