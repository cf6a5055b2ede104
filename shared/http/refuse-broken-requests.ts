import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '../errors.ts';
import { rawRefusal } from './raw-refusal.ts';

/** Answers what is no HTTP, too large or too slow for Node's parser with a problem document, and hangs up. */
export function refuseBrokenRequests(server: Server): void {
  const current = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => current.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // An answer that has begun must not get another one in its middle.
    if (!socket.writable || current.get(socket)?.headersSent === true) {
      socket.destroy(error);
      return;
    }
    socket.end(rawRefusal(refusalFor(error.code)), () => socket.destroy());
  });
}

function refusalFor(code: string | undefined): AppError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new AppError('headers_too_large', 'The request line and headers are too long together');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new AppError('payload_too_large', 'The extensions of the chunks are too long');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('request_timed_out', 'The headers did not arrive in time');
    default:
      return new AppError('invalid_request', 'This is not an HTTP request');
  }
}
