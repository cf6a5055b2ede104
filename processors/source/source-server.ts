import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SparseCopy } from './sparse-copy.ts';

/**
 * Blocks that are fetched ahead of a reader at most, 2 MiB, and as a share of what it has read in one go: who only looks
 * something up costs one or two blocks, who reads on waits seldom for an answer of the store.
 */
const MOST_AHEAD = 4;
const AHEAD = 1 / 4;

export interface SourceServer {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves one object to this machine's ffmpeg, at an address that cannot be guessed. It says how long the object is and
 * where each answer ends, so that an answer that breaks off never passes for a whole one.
 * @param suffix of the address, e.g. `.mp4` @param onFailure told before an answer breaks off because of the store
 */
export async function serveSource(
  copy: SparseCopy,
  suffix: string,
  onFailure: (error: unknown) => void,
): Promise<SourceServer> {
  const path = `/${randomBytes(32).toString('base64url')}${suffix}`;
  const server = createServer((request, response) => {
    // A reader that has gone is no failure.
    response.on('error', () => {});
    answer(copy, path, request, response).catch((error: unknown) => {
      if (!response.destroyed) onFailure(error);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  copy: SparseCopy,
  path: string,
  { method = '', url, headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { size } = copy;
  if (url !== path) return void response.writeHead(404).end();
  if (method !== 'GET' && method !== 'HEAD')
    return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  const asked = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  const start = asked ? Number(asked[1]) : 0;
  const end = Math.min(asked?.[2] ? Number(asked[2]) : size, size - 1);
  if (start > end && (asked || size > 0))
    return void response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
  response.writeHead(asked ? 206 : 200, {
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'content-length': end - start + 1,
    ...(asked && { 'content-range': `bytes ${start}-${end}/${size}` }),
  });
  if (method === 'GET') await send(copy, start, end, response);
  response.end();
}

async function send(copy: SparseCopy, start: number, end: number, response: ServerResponse): Promise<void> {
  let at = start;
  for (let sent = 0; at <= end && !response.destroyed; sent += 1) {
    const ahead = Math.min(sent, MOST_AHEAD, Math.max(1, Math.floor(sent * AHEAD)));
    const rest = copy.read(at, Math.max(1, ahead));
    copy.prefetch(at, ahead);
    const bytes = (await rest).subarray(0, end + 1 - at);
    at += bytes.length;
    if (!response.write(bytes)) await drained(response);
  }
}

function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
