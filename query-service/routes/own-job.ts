import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import { z } from 'zod';
import type { JobReader } from '../jobs/job-reader.ts';

export type RouteContext = AppContext & { params: Record<string, string | undefined> };

/**
 * The job that the path names, if the caller may see it.
 * @throws {AppError} 404 for one that is not there or deleted, 403 for another account's
 */
export async function ownJob(ctx: RouteContext, reader: JobReader): Promise<JobDocument> {
  const identity = requireScope(ctx.state.identity, 'read');
  const id = z.uuid().safeParse(ctx.params.id);
  const document = id.success ? await reader.get(id.data) : undefined;
  if (!document || document.status === 'deleted')
    throw new AppError('job_not_found', 'There is no job with this id');
  if (document.account_id !== identity.account_id)
    throw new AppError('job_of_another_account', 'This job belongs to another account');
  return document;
}
