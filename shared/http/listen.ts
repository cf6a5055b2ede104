import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endIdleRequests, type IdleLimits } from './end-idle-requests.ts';
import { refuseBrokenRequests } from './refuse-broken-requests.ts';

export interface HttpServer {
  /** With the port that was really taken. */
  url: string;
  port: number;
  /** Takes no new connections, lets open requests end, and cuts what is still open after the grace period. */
  close(): Promise<void>;
}

const GRACE_MS = 10_000;

export interface Timeouts extends IdleLimits {
  /** For a request's headers: a client that trickles them, or sends none, is cut off. */
  headersMs: number;
  /** Of a connection between two requests; above the minute that proxies commonly keep theirs. */
  keepAliveMs: number;
}

const TIMEOUTS: Timeouts = {
  headersMs: 20_000,
  keepAliveMs: 65_000,
  bodyIdleMs: 120_000,
  answerIdleMs: 600_000,
  lingerMs: 30_000,
};
/** Of the request line and headers together, in bytes. */
const MOST_HEADER_BYTES = 16 * 1024;
const LONGEST_CHECK_MS = 5_000;

/**
 * @param port 0 takes a free one
 * @param timeouts in milliseconds, in place of the defaults
 */
export async function listen(
  handler: RequestListener,
  port: number,
  host?: string,
  timeouts: Partial<Timeouts> = {},
): Promise<HttpServer> {
  const { headersMs, keepAliveMs, ...idle } = { ...TIMEOUTS, ...timeouts };
  const server = createServer(
    {
      headersTimeout: headersMs,
      // None for a whole request: uploads take as long as they take, while bytes come.
      requestTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: MOST_HEADER_BYTES,
      connectionsCheckingInterval: Math.min(LONGEST_CHECK_MS, headersMs / 4),
    },
    handler,
  );
  refuseBrokenRequests(server);
  endIdleRequests(server, idle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`Cannot listen on port ${port}: ${error.message}`, { cause: error })),
    );
    server.listen(port, host, () => resolve());
  });
  let closing = false;
  // A connection whose last request ends while the server closes would be kept alive until the grace period is over.
  server.on('request', (_, response) => {
    response.once('close', () => closing && setImmediate(() => server.closeIdleConnections()));
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}
