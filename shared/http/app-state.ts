import type Koa from 'koa';
import type { Logger } from '../telemetry/logger.ts';

/** Who is calling, once its key was checked. */
export interface Identity {
  key_id: string;
  account_id: string;
  scopes: ReadonlySet<Scope>;
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
