import { createHash, timingSafeEqual } from 'node:crypto';
import type { Middleware } from 'koa';
import { AppError } from '../errors.ts';
import type { AppState, Identity, Scope } from './app-state.ts';

/** Looks a key up. */
export interface KeyRing {
  identify(key: string): Promise<Identity | undefined>;
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The ring with just the bootstrap key, which has every scope. Keys are compared as digests, in constant time. */
export function bootstrapKeyRing(bootstrapKey: string): KeyRing {
  const expected = digest(bootstrapKey);
  const identity: Identity = {
    key_id: 'bootstrap',
    account_id: 'bootstrap',
    scopes: new Set(['read', 'write', 'admin']),
    storage_quota_bytes: null,
    rate_limit: null,
    priority: 'normal',
  };
  return { identify: async (key) => (timingSafeEqual(digest(key), expected) ? identity : undefined) };
}

/** Refuses calls without a valid `X-API-Key`: 403 where there is none, 401 where it is unknown. */
export const requireKey =
  (ring: KeyRing): Middleware<AppState> =>
  async (ctx, next) => {
    const key = ctx.get('X-API-Key');
    if (!key) throw new AppError('api_key_missing', 'Send your API key in the header X-API-Key');
    const identity = await ring.identify(key);
    if (!identity) throw new AppError('api_key_invalid', 'This API key is unknown, expired or revoked');
    ctx.state.identity = identity;
    await next();
  };

/** @throws {AppError} when the caller's key does not carry the scope */
export function requireScope(identity: Identity | undefined, scope: Scope): Identity {
  if (!identity) throw new AppError('api_key_missing', 'Send your API key in the header X-API-Key');
  if (!identity.scopes.has(scope))
    throw new AppError('scope_missing', `This API key lacks the scope "${scope}"`);
  return identity;
}
