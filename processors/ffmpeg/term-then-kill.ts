/**
 * Milliseconds from TERM to KILL. A cancelled ffmpeg must be gone within 2 s of the request, of which the way over the
 * bus and a loaded machine take their part; and on TERM ffmpeg only finishes files that nobody wants any more.
 */
export const KILL_AFTER_MS = 500;
