/** Processors send a heartbeat a second; ten missed in a row and a margin for a slow broker or rebalance. */
export const LEASE_MS = 15_000;

/** A task that nobody has started: its message is kept for seven days (see topics.ts), so it goes out again before. */
export const DISPATCH_MS = 6 * 24 * 3_600_000;
