const FIRST_MS = 50;
const LONGEST_MS = 5_000;

/**
 * The wait before a rejected batch is offered again, in milliseconds: 50, 100, 200 … 5,000.
 * @param attempt how often the batch was rejected so far, from 1
 */
export const retryDelay = (attempt: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 16));
