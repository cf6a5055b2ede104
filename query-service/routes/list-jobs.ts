import {
  DEFAULT_SORT,
  JobListQuery,
  MOST_PAGES,
  type Sort,
} from '@transcodeflow/shared/contracts/rest/job-list.ts';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import { type Cursor, decodeCursor, encodeCursor } from '../jobs/list/cursor.ts';
import type { ListedJobs } from '../jobs/list/list-jobs.ts';
import { presentJob } from '../jobs/present-job.ts';
import { answer } from './answer.ts';
import type { RouteDependencies } from './dependencies.ts';
import { type Links, linkHeader } from './links.ts';
import { originOf } from './origin.ts';
import type { RouteContext } from './own-job.ts';
import { parseQuery } from './parse-query.ts';

/** `GET /api/jobs`: by pages, with a total; or by cursor, at any depth and undisturbed by what comes and goes. */
export const listJobs =
  ({ readModel, live, publicUrl }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    const { account_id: accountId } = requireScope(ctx.state.identity, 'read');
    const {
      page = 1,
      per_page: perPage,
      cursor: text,
      sort,
      ...filters
    } = parseQuery(JobListQuery, ctx.query);
    const cursor = text === undefined ? undefined : decodeCursor(text);
    const order = cursor ? orderOf(cursor, sort) : (sort ?? DEFAULT_SORT);
    const from = cursor ?? (page - 1) * perPage;
    const [list, total] = await Promise.all([
      readModel.list({ accountId, filters, sort: order, perPage, from }),
      cursor ? undefined : readModel.count(accountId, filters),
    ]);
    const pages = total === undefined ? undefined : Math.ceil(total / perPage);
    const origin = originOf(ctx, publicUrl);
    const links = pages === undefined ? cursorLinks(list) : pageLinks(page, pages);
    ctx.set('Link', linkHeader(`${origin}/api/jobs`, ctx.query, links));
    answer(ctx, {
      jobs: list.jobs.map((document) => presentJob(document, live, origin)),
      ...(pages === undefined ? {} : { page }),
      per_page: perPage,
      ...(pages === undefined ? {} : { total, total_pages: pages }),
      next_cursor: list.next ? encodeCursor(list.next) : null,
      previous_cursor: list.previous ? encodeCursor(list.previous) : null,
    });
  };

/** @throws {AppError} where the call names another order than the cursor's */
function orderOf(cursor: Cursor, sort: Sort | undefined): Sort {
  if (sort && (sort.key !== cursor.sort || sort.descending !== cursor.descending)) {
    const message = 'belongs to a list with another sort';
    throw new AppError('invalid_request', `cursor: ${message}`, { fields: { cursor: message } });
  }
  return { key: cursor.sort, descending: cursor.descending };
}

function pageLinks(page: number, pages: number): Links {
  const to = (number: number) => ({ page: String(number), cursor: undefined });
  const reachable = Math.min(pages, MOST_PAGES);
  return {
    first: to(1),
    ...(page > 1 ? { prev: to(Math.max(1, Math.min(page - 1, reachable))) } : {}),
    ...(page < reachable ? { next: to(page + 1) } : {}),
    ...(reachable > 0 ? { last: to(reachable) } : {}),
  };
}

/** The end of the list is not known without reading it: there is no `last`. */
function cursorLinks({ next, previous }: ListedJobs): Links {
  const to = (cursor: Cursor | undefined) => ({
    page: undefined,
    cursor: cursor ? encodeCursor(cursor) : undefined,
  });
  return {
    first: to(undefined),
    ...(previous ? { prev: to(previous) } : {}),
    ...(next ? { next: to(next) } : {}),
  };
}
