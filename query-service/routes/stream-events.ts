import { AppError } from '@transcodeflow/shared/errors.ts';
import { requireScope } from '@transcodeflow/shared/http/api-keys.ts';
import type { z } from 'zod';
import type { Events } from '../events/events.ts';
import type { Followed } from '../events/follow.ts';
import type { RouteContext } from './own-job.ts';

const SHORTEST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5_000;

export const wantsStream = (ctx: RouteContext): boolean =>
  ctx.accepts('application/json', 'text/event-stream') === 'text/event-stream';

/**
 * The id of the event after which a stream goes on: what the client's browser says, else what the URL says.
 * @throws {AppError} 400
 */
export function lastEventId(
  ctx: RouteContext,
  schema: z.ZodType<number>,
  fromQuery: number | undefined,
): number | undefined {
  const header = ctx.get('Last-Event-ID');
  if (header === '') return fromQuery;
  const parsed = schema.safeParse(header);
  if (parsed.success) return parsed.data;
  const message = 'must be the id of an event of this stream';
  throw new AppError('invalid_request', `Last-Event-ID: ${message}`, {
    fields: { 'Last-Event-ID': message },
  });
}

/** Answers with a stream that stays open until the client leaves, its key ends, the job ends or the service does. */
export async function streamEvents(ctx: RouteContext, events: Events, followed: Followed): Promise<void> {
  const identity = requireScope(ctx.state.identity, 'read');
  ctx.status = 200;
  ctx.set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // nginx: pass on what comes as it comes.
    'X-Accel-Buffering': 'no',
  });
  if (ctx.method === 'HEAD') return;
  const stream = events.streams.open(ctx.res, { key: ctx.get('X-API-Key'), identity });
  try {
    const sendAll = await events.follow(stream, followed);
    // From here on the response is the stream's: an error can only end it, and the client comes back.
    ctx.respond = false;
    // Not all at the same moment, when all were ended at the same moment.
    const retry = Math.round(SHORTEST_RETRY_MS + Math.random() * (LONGEST_RETRY_MS - SHORTEST_RETRY_MS));
    stream.send(`retry: ${retry}\n\n`);
    await sendAll();
  } catch (error) {
    if (ctx.respond !== false) {
      stream.release();
      throw error;
    }
    ctx.state.log.warn({ err: error }, 'an event stream broke off');
    stream.end();
  }
}
