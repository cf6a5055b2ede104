import type { JobListQuery } from '@transcodeflow/shared/contracts/rest/job-list.ts';
import { searchable } from '@transcodeflow/shared/read-model/searchable.ts';

export type Filters = Pick<JobListQuery, 'status' | 'created_after' | 'created_before' | 'q'>;

/** The condition on `read_model.job` that an account's filters make; what clients sent is in the values only. */
export function matching(
  accountId: string,
  { status, created_after, created_before, q }: Filters,
): { where: string; values: unknown[] } {
  const values: unknown[] = [accountId];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = [`account_id = $1 and status <> 'deleted'`];
  const [only, ...more] = status ?? [];
  // A single one is compared plainly: then its index gives the order too.
  if (only !== undefined && more.length === 0) conditions.push(`status = ${parameter(only)}`);
  else if (status) conditions.push(`status = any(${parameter(status)}::text[])`);
  if (created_after) conditions.push(`created_at > ${parameter(created_after)}::timestamptz`);
  if (created_before) conditions.push(`created_at < ${parameter(created_before)}::timestamptz`);
  if (q)
    conditions.push(
      `job_id in (select job_id from read_model.job_text where account_id = $1 and text like ${parameter(contains(q))})`,
    );
  return { where: conditions.join(' and '), values };
}

/** A pattern for texts that contain this one as it stands. */
const contains = (text: string): string => `%${searchable(text).replace(/[\\%_]/g, '\\$&')}%`;
