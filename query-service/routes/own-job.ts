import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import { JobPath } from '@transcodeflow/shared/contracts/rest/job-changes.ts';
import { JobQuery } from '@transcodeflow/shared/contracts/rest/job-query.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';
import type { JobReader } from '../jobs/job-reader.ts';

export type RouteContext = AppContext & { params: Record<string, string | undefined> };

/**
 * The job that the path names, if the caller may see it; with `min_revision` not older than that.
 * @throws {AppError} 404 for one that is not there or deleted, 403 for another account's, 400 for a `min_revision` that is
 *   none, 503 for one that was accepted and is not shown yet, 409 when the job has not reached `min_revision` within 2 s
 */
export async function ownJob(ctx: RouteContext, reader: JobReader): Promise<JobDocument> {
  const identity = requireScope(ctx.state.identity, 'read');
  const path = JobPath.safeParse(ctx.params);
  const { min_revision } = JobQuery.parse(ctx.query);
  const document = path.success ? await reader.get(path.data.id, min_revision) : undefined;
  // Whose it is nobody knows here yet: that there is something with this id is all that is told.
  if (!document && path.success && (await reader.isAccepted(path.data.id))) {
    ctx.set('Retry-After', '2');
    throw new AppError('unavailable', 'This job was accepted and will be shown shortly: try again');
  }
  if (!document || document.status === 'deleted')
    throw new AppError('job_not_found', 'There is no job with this id');
  if (document.account_id !== identity.account_id)
    throw new AppError('job_of_another_account', 'This job belongs to another account');
  if (min_revision !== undefined && document.revision < min_revision) {
    ctx.set('Retry-After', '1');
    throw new AppError(
      'revision_not_reached',
      `The job is at revision ${document.revision} here and has not reached ${min_revision} in time: try again`,
    );
  }
  return document;
}
