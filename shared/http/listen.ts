import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpServer {
  /** With the port that was really taken. */
  url: string;
  port: number;
  /** Takes no new connections, lets open requests end, and cuts what is still open after the grace period. */
  close(): Promise<void>;
}

const GRACE_MS = 10_000;
/** Time for a request's headers: a client that trickles them is cut off. Bodies may take long (uploads). */
const HEADERS_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_MS = 65_000;

/** @param port 0 takes a free one */
export async function listen(handler: RequestListener, port: number, host?: string): Promise<HttpServer> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 5_000,
    },
    handler,
  );
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
