import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';

/**
 * Reads on what a refused client still sends, and forgets it, for as long as the server lets requests linger. A
 * connection that is closed on unread bytes is reset, and the answer can be lost with it before a client that sends
 * first and reads later has seen it.
 */
export function drainRefused({ req }: AppContext): void {
  if (!req.complete && !req.destroyed) req.removeAllListeners('data').resume();
}
