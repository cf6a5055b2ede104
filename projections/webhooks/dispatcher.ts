import { setTimeout as sleep } from 'node:timers/promises';
import type { SafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import { type Claimed, createDeliveries, type Outcome } from './deliveries.ts';
import { type RetrySchedule, retrySchedule } from './retry-schedule.ts';
import { type Reply, send } from './send.ts';

/** Under way at once in this process; and of them for one lane: a slow receiver takes these places and no more. */
const MOST_AT_ONCE = 64;
const MOST_PER_LANE = 4;
/** Well above the 15 s of an attempt: who has not kept its outcome by then is gone. */
const LEASE_MS = 60_000;
/** How late a retry may be; what is new is told of by `wake`. */
const POLL_MS = 1_000;
/** For attempts under way when the process is to end; then they are broken off and made again by whoever comes next. */
const GRACE_MS = 5_000;

export interface DispatcherOptions {
  pool: Pool;
  fetch: SafeFetch;
  secretKey: string;
  log: Logger;
  /** For tests. */
  schedule?: RetrySchedule;
  graceMs?: number;
}

export interface Dispatcher {
  /** There may be something to deliver. */
  wake(): void;
  close(): Promise<void>;
}

/**
 * Sends what is due. Any number of dispatchers share the work; one that is killed has its deliveries taken up when
 * their lease ends, so a receiver may get the same `webhook-id` twice, and never none.
 */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { pool, fetch, secretKey, log, schedule = retrySchedule, graceMs = GRACE_MS } = options;
  const deliveries = createDeliveries(pool);
  const closing = new AbortController();
  const breakingOff = new AbortController();
  const busy = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let woken = Promise.withResolvers<void>();

  async function attempt(claimed: Claimed): Promise<void> {
    const outcome = await send(claimed, { fetch, secretKey, signal: breakingOff.signal }).then(
      (reply) => outcomeOf(claimed, reply, schedule),
      (error): Outcome => {
        if (!breakingOff.signal.aborted) throw error;
        return { status: 'pending', error: 'Broken off because the service was stopped.' };
      },
    );
    await deliveries.keep(claimed, outcome);
    const { delivery_id, job_id, attempts } = claimed;
    log.debug({ delivery_id, job_id, attempts, ...outcome, response: undefined }, 'webhook attempted');
  }

  function begin(claimed: Claimed): void {
    const { lane, delivery_id } = claimed;
    busy.set(lane, (busy.get(lane) ?? 0) + 1);
    const running = attempt(claimed)
      .catch((error) =>
        log.warn(
          { err: error, delivery_id },
          'a webhook attempt is not kept; it is made again after its lease',
        ),
      )
      .finally(() => {
        const left = (busy.get(lane) ?? 1) - 1;
        if (left === 0) busy.delete(lane);
        else busy.set(lane, left);
        underWay.delete(running);
        woken.resolve();
      });
    underWay.add(running);
  }

  async function dispatch(): Promise<void> {
    for (let most = MOST_AT_ONCE - underWay.size; most > 0; most = MOST_AT_ONCE - underWay.size) {
      const claimed = await deliveries.claim({ most, perLane: MOST_PER_LANE, busy, leaseMs: LEASE_MS });
      for (const each of claimed) begin(each);
      if (claimed.length === 0) return;
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      woken = Promise.withResolvers<void>();
      await dispatch().catch((error) =>
        log.warn({ err: error }, 'could not look for webhooks; trying again'),
      );
      const pause = new AbortController();
      const polled = sleep(POLL_MS, undefined, { signal: pause.signal }).catch(() => {});
      await Promise.race([woken.promise, polled]);
      pause.abort();
    }
  }

  const running = run();
  return {
    wake: () => woken.resolve(),
    async close() {
      closing.abort();
      woken.resolve();
      await running;
      const timer = setTimeout(() => breakingOff.abort(new Error('The service was stopped')), graceMs);
      await Promise.all(underWay);
      clearTimeout(timer);
    },
  };
}

/** 2xx is delivered; 410 says that nobody wants it any more; everything else is tried again. */
function outcomeOf(
  { attempts, attempts_before }: Claimed,
  { retryAfterMs, ...reply }: Reply,
  schedule: RetrySchedule,
): Outcome {
  const { statusCode } = reply;
  if (statusCode !== undefined && statusCode >= 200 && statusCode < 300)
    return { ...reply, status: 'delivered' };
  const error = reply.error ?? refusalOf(statusCode);
  if (statusCode === 410) return { ...reply, error, status: 'failed' };
  const retryInMs = schedule(attempts - attempts_before, Math.random(), retryAfterMs);
  return { ...reply, error, status: retryInMs === undefined ? 'failed' : 'pending', retryInMs };
}

function refusalOf(statusCode = 0): string {
  if (statusCode >= 300 && statusCode < 400)
    return `The receiver answered ${statusCode}: redirects are not followed.`;
  return statusCode === 410
    ? 'The receiver answered 410 Gone: this is not tried again.'
    : `The receiver answered ${statusCode}.`;
}
