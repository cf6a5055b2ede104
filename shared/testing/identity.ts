import type { Identity, Scope } from '../http/app-state.ts';

/** A caller without limits. */
export const identity = (account_id: string, ...scopes: Scope[]): Identity => ({
  key_id: account_id,
  account_id,
  scopes: new Set(scopes),
  storage_quota_bytes: null,
  rate_limit: null,
  priority: 'normal',
});
