/** Processors send a heartbeat a second; ten missed in a row and a margin for a slow broker or rebalance. */
export const LEASE_MS = 15_000;
