import type { IncomingMessage } from 'node:http';

const LONGEST_MS = 10_000;

/**
 * Lets what is left of a refused body pass unread, so that the client comes to read why: a connection that is cut
 * while it sends loses the answer. One that goes on sending for more than 10 s is cut.
 */
export function drain(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.unpipe();
  request.on('error', () => {}).resume();
  const timer = setTimeout(() => request.destroy(), LONGEST_MS);
  request.once('close', () => clearTimeout(timer));
}
