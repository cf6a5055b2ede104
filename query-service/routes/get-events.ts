import { EventsQuery, LastPosition } from '@transcodeflow/shared/contracts/rest/events.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import { answer } from './answer.ts';
import type { RouteDependencies } from './dependencies.ts';
import type { RouteContext } from './own-job.ts';
import { parseQuery } from './parse-query.ts';
import { lastEventId, streamEvents, wantsStream } from './stream-events.ts';

/**
 * `GET /api/events`: the events of all of the caller's jobs in the order in which they became visible; a page of them as
 * JSON, or live.
 */
export const getEvents =
  ({ events }: RouteDependencies) =>
  async (ctx: RouteContext): Promise<void> => {
    ctx.vary('Accept');
    const { account_id: accountId } = requireScope(ctx.state.identity, 'read');
    const { last_event_id, per_page } = parseQuery(EventsQuery, ctx.query);
    const after = lastEventId(ctx, LastPosition, last_event_id);
    if (wantsStream(ctx)) {
      await streamEvents(ctx, events, { accountId, afterPosition: after });
      return;
    }
    const rows =
      after === undefined
        ? await events.rows.lastOfAccount(accountId, per_page)
        : await events.rows.ofAccount(accountId, after, Number.MAX_SAFE_INTEGER, per_page);
    answer(ctx, {
      events: rows.map(({ json }): unknown => JSON.parse(json)),
      last_event_id: String(rows.at(-1)?.position ?? after ?? 0),
    });
  };
