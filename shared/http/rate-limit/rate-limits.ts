import type { Middleware } from 'koa';
import { AppError } from '../../errors.ts';
import type { AppContext, AppState } from '../app-state.ts';
import { clientAddress } from '../client-address.ts';
import { type Count, type Counters, WINDOW_S } from './counters.ts';
import { tellLimit } from './tell-limit.ts';

/** Calls per minute; 0: no limit. */
export interface Limits {
  /** Of keys that have none of their own. */
  perKey: number;
  perAddress: number;
  /** Calls without a valid key, per address. */
  failedKeys: number;
  /** Of signed playback, per address: a player fetches a segment every few seconds, and many may share an address. */
  playback: number;
}

export interface RateLimits {
  /** Before everything that costs something. */
  address: Middleware<AppState>;
  /** Around the check of the key: too many that fail are told so instead of why. A valid key is not held up by them. */
  failures: Middleware<AppState>;
  /** After the check of the key. */
  key: Middleware<AppState>;
}

const pass: Middleware<AppState> = (_, next) => next();
export const noRateLimits: RateLimits = { address: pass, failures: pass, key: pass };

const FAILURES: ReadonlySet<string> = new Set(['api_key_missing', 'api_key_invalid']);

/** The limits as middleware: each call is told what is left, and refused with 429 and Retry-After beyond. */
export function rateLimits(counters: Counters, limits: Limits): RateLimits {
  const check = async (ctx: AppContext, policy: string, who: string, limit: number) => {
    if (limit === 0) return;
    const count = await counters.count(`${policy}:${who}`);
    tellLimit(ctx, policy, limit, count);
    if (count.used > limit) throw refused(ctx, policy, limit, count);
  };
  return {
    async address(ctx, next) {
      const isPlayback = ctx.path.startsWith('/play/');
      const [policy, limit] = isPlayback
        ? (['playback', limits.playback] as const)
        : (['address', limits.perAddress] as const);
      await check(ctx, policy, clientAddress(ctx.ip), limit);
      await next();
    },
    async failures(ctx, next) {
      try {
        await next();
      } catch (error) {
        if (error instanceof AppError && FAILURES.has(error.code))
          await check(ctx, 'failed-keys', clientAddress(ctx.ip), limits.failedKeys);
        throw error;
      }
    },
    async key(ctx, next) {
      const { identity } = ctx.state;
      if (identity) await check(ctx, 'key', identity.key_id, identity.rate_limit ?? limits.perKey);
      await next();
    },
  };
}

function refused(ctx: AppContext, policy: string, limit: number, { resetMs }: Count): AppError {
  const seconds = Math.max(1, Math.ceil(resetMs / 1000));
  ctx.set('Retry-After', String(seconds));
  return new AppError(
    'rate_limited',
    `More than ${limit} calls in ${WINDOW_S} s (limit "${policy}"): try again in ${seconds} s`,
  );
}
