import { bytesRead } from './bytes-read.ts';

export interface StallWatch {
  /** The child was heard of. */
  alive(): void;
  close(): void;
}

/** Two minutes: a single 8K frame takes seconds, the slowest disk answers within one. */
export const STALL_MS = 120_000;

/** Looks per limit: a limit is noticed after at most a quarter more. */
const LOOKS = 4;

/**
 * Calls `onStall` once, when a child was not heard of and read nothing for `limit_ms`. Reading counts because healthy
 * runs can be silent for long: a decode from the last keyframe to a far seek, the second pass of `+faststart`, and all
 * of an encode before the first packet of an audio track that starts late. It is seen on Linux only. Idle looks are
 * counted, not time: a machine that wakes from sleep finds its children alive.
 * @param isWaiting whether the child waits for its reader, which is no silence of its own
 */
export function watchStall(
  pid: number,
  limit_ms: number,
  onStall: () => void,
  isWaiting: () => boolean = () => false,
): StallWatch {
  let idle = 0;
  let closed = false;
  let read: number | undefined;
  const timer = setInterval(async () => {
    const now = await bytesRead(pid);
    if (closed) return;
    if (now !== read || isWaiting()) idle = 0;
    read = now;
    idle += 1;
    // The first look of a silence only starts it.
    if (idle <= LOOKS) return;
    close();
    onStall();
  }, limit_ms / LOOKS);
  timer.unref();
  const close = () => {
    closed = true;
    clearInterval(timer);
  };
  return {
    alive: () => {
      idle = 0;
    },
    close,
  };
}
