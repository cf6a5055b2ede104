import type Koa from 'koa';
import type { Priority } from '../contracts/priority.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Who is calling, once its key was checked. Every key is an account of its own. */
export interface Identity {
  key_id: string;
  account_id: string;
  scopes: ReadonlySet<Scope>;
  /** Of all the account's sources together; null: no limit. */
  storage_quota_bytes: number | null;
  /** Requests per minute; null: the service's default. */
  rate_limit: number | null;
  /** Of jobs that do not name one. */
  priority: Priority;
}

export type Scope = 'read' | 'write' | 'admin';

export interface AppState {
  /** Of this request; also the correlation id of the events that it leads to. */
  requestId: string;
  log: Logger;
  identity?: Identity;
}

export type App = Koa<AppState>;
export type AppContext = Koa.ParameterizedContext<AppState>;
