/** Of connections, as Node names them. */
const CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** SQLSTATE of PostgreSQL: connection exceptions, too many connections, shutting down, crashed, starting up. */
const STATES = /^(08...|53300|57P0[123])$/;
/** pg and its pool give these no code. */
const MESSAGES = /^(timeout exceeded when trying to connect|Connection terminated\b)/;

/**
 * Whether the database or the object store could not be reached, or was lost on the way: no fault of the request, and
 * worth another try. What was under way when it was lost may have happened or not.
 */
export function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return CODES.has(code) || STATES.test(code) || MESSAGES.test(error.message);
}
