/** How often somebody has called in the running window. */
export interface Count {
  used: number;
  /** Milliseconds until the window ends and the count starts again. */
  resetMs: number;
}

/** Counts calls in windows of a minute. */
export interface Counters {
  /** Counts a call. Never rejects: a limit is no reason to refuse everybody. */
  count(who: string): Promise<Count>;
  close(): Promise<void>;
}

export const WINDOW_S = 60;
/** The packages' own limit is not used: it would be the same for everybody. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;
