import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';

const LONGEST_MS = 30_000;

/**
 * Reads on, for 30 s at most, what a refused client still sends, and forgets it. A connection that is closed on unread
 * bytes is reset, and the answer can be lost with it before a client that sends first and reads later has seen it.
 */
export function drainRefused({ req }: AppContext): void {
  if (req.complete || req.destroyed) return;
  req.removeAllListeners('data').resume();
  const timer = setTimeout(() => req.destroy(), LONGEST_MS).unref();
  req.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
}
