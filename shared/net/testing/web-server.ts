import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

interface TearsDown {
  teardown(release: () => Promise<void>): void;
}

export interface WebServer {
  url: string;
  port: number;
  /** Open connections. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** A real server on this machine, for the test's time. @param tls a certificate and its key make it https */
export async function webServer(
  t: TearsDown,
  handler: RequestListener,
  tls?: { cert: string; key: string },
): Promise<WebServer> {
  const server = tls ? createTlsServer(tls, handler) : createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  t.teardown(close);
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    close,
  };
}

/** The network of the servers above, as ALLOW_PRIVATE_ADDRESSES names it. */
export const LOOPBACK = ['127.0.0.0/8'];
