import type { Logger } from '../telemetry/logger.ts';
import { createApp } from './app.ts';
import { type Checks, health } from './health.ts';
import { type HttpServer, listen } from './listen.ts';

/** `/healthz` and `/readyz` for a service that has no API of its own. */
export async function serveHealth(checks: Checks, port: number, log: Logger): Promise<HttpServer> {
  const app = createApp(log);
  app.use(health(checks));
  const server = await listen(app.callback(), port);
  log.info({ port: server.port }, 'listening');
  return server;
}
