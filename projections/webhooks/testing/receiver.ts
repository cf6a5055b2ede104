import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from '@transcodeflow/shared/testing/until.ts';
import type { ExecutionContext } from 'ava';
import { Webhook } from 'standardwebhooks';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** `webhook-id`. */
  id: string;
  /** Of the body. */
  type: string;
}

/** How a receiver answers: a status, or whatever the function does with the response. */
type Answer = number | ((response: ServerResponse, received: Received) => void);

/** A real HTTP server that keeps what it is sent. */
export async function openReceiver(t: ExecutionContext, answer: Answer = 204) {
  const received: Received[] = [];
  let how = answer;
  let port = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { type } = JSON.parse(body) as { type: string };
    const { headers, url: path = '' } = request;
    const one = { path, headers, body, id: String(headers['webhook-id']), type };
    received.push(one);
    if (typeof how === 'number') response.writeHead(how).end();
    else how(response, one);
  });
  const listen = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen();
  port = (server.address() as AddressInfo).port;
  t.teardown(close);
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    /** From now on. */
    answers(next: Answer) {
      how = next;
    },
    /** Nothing listens on its port any more. */
    goDown: close,
    comeBack: listen,
    /** Waits for so many in all, and hands them on. */
    async got(count: number): Promise<Received[]> {
      await until(`the receiver gets ${count}`, () => received.length >= count);
      return received;
    },
  };
}

/** @throws where the signature, or the age, of what was received is not right */
export const verified = (secret: string, { body, headers }: Received): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>);
