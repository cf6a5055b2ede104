import type { AppContext } from '../app-state.ts';
import { type Count, WINDOW_S } from './counters.ts';

/**
 * Tells a client what is left of a limit: `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-10
 * name every limit that counts; the older `RateLimit-Limit`, `-Remaining` and `-Reset`, which know one only, the
 * narrowest of them.
 */
export function tellLimit(ctx: AppContext, policy: string, limit: number, { used, resetMs }: Count): void {
  const remaining = Math.max(0, limit - used);
  const reset = Math.max(0, Math.ceil(resetMs / 1000));
  ctx.append('RateLimit-Policy', `"${policy}";q=${limit};w=${WINDOW_S}`);
  ctx.append('RateLimit', `"${policy}";r=${remaining};t=${reset}`);
  const told = ctx.response.get('RateLimit-Remaining');
  if (told !== '' && Number(told) <= remaining) return;
  ctx.set({
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': String(remaining),
    'RateLimit-Reset': String(reset),
  });
}
