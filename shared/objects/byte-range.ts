import type { ByteRange } from './object-store.ts';

/**
 * The part of a range that exists, as HTTP has it: an end past the last byte means the last byte.
 * @throws {RangeError} when the range begins after the last byte or is not one
 */
export function clampRange(range: ByteRange, size: number): ByteRange {
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || start < 0 || Number.isNaN(end) || end < start || start >= size) {
    throw new RangeError(`Bytes ${start}-${end} are not within an object of ${size} bytes`);
  }
  return { start, end: Math.min(end, size - 1) };
}
