/**
 * What `Retry-After` asks for, in milliseconds from now: seconds or a date (RFC 9110, 10.2.3); undefined where it says
 * neither.
 */
export function retryAfterMs(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  // JavaScript reads a date into almost anything, such as -5.
  const at = /^[A-Z]/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
