import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { AppError } from '../errors.ts';
import { rawRefusal } from './raw-refusal.ts';

export interface IdleLimits {
  /** Longest time without a byte of a body that is awaited. A whole body may take as long as it likes. */
  bodyIdleMs: number;
  /** Longest time in which a client takes nothing of its answer: players pause, but they ask again. */
  answerIdleMs: number;
  /** How long the rest of a body is taken and thrown away after its answer, so that the client gets to read that. */
  lingerMs: number;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  moved: number;
  /** Since bytes last moved, or since the answer was complete. */
  idleMs: number;
  isAnswered: boolean;
}

const MOST_CHECK_MS = 5_000;

/**
 * Ends requests whose client has stopped sending or taking bytes, so that they do not hold the server. Waiting that is
 * the server's own doing (a store that is slower than the client) does not count.
 */
export function endIdleRequests(server: Server, limits: IdleLimits): void {
  const exchanges = new Set<Exchange>();
  server.on('request', (request, response) => {
    const exchange = { request, response, moved: -1, idleMs: 0, isAnswered: false };
    exchanges.add(exchange);
    response.once('close', () => request.complete && exchanges.delete(exchange));
  });
  const shortest = Math.min(limits.bodyIdleMs, limits.answerIdleMs, limits.lingerMs);
  const checkMs = Math.min(MOST_CHECK_MS, shortest / 4);
  const timer = setInterval(() => {
    for (const exchange of exchanges) if (isOver(exchange, limits, checkMs)) exchanges.delete(exchange);
  }, checkMs);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}

/**
 * Counts turns of the check, not time on the clock: after a pause of the whole process bytes may be waiting to be read.
 * @returns whether nothing is left to watch
 */
function isOver(exchange: Exchange, limits: IdleLimits, checkMs: number): boolean {
  const { request, response } = exchange;
  const { socket } = request;
  if (socket.destroyed || (request.complete && response.writableFinished)) return true;
  if (response.writableFinished) {
    exchange.idleMs = exchange.isAnswered ? exchange.idleMs + checkMs : 0;
    exchange.isAnswered = true;
    if (exchange.idleMs <= limits.lingerMs) return false;
    socket.destroy();
    return true;
  }
  const awaitsBody = !request.complete && request.readableLength < request.readableHighWaterMark;
  const awaitsTaking = socket.writableLength > 0;
  const moved = socket.bytesRead + socket.bytesWritten - socket.writableLength;
  const isIdle = moved === exchange.moved && (awaitsBody || awaitsTaking);
  exchange.moved = moved;
  exchange.idleMs = isIdle ? exchange.idleMs + checkMs : 0;
  if (exchange.idleMs <= (awaitsTaking ? limits.answerIdleMs : limits.bodyIdleMs)) return false;
  if (response.headersSent) socket.destroy();
  else
    socket.end(
      rawRefusal(new AppError('request_timed_out', 'The rest of the body did not arrive in time')),
      () => socket.destroy(),
    );
  return true;
}
