import type { ByteRange } from './object-store.ts';

/** @throws {RangeError} when this is not a range of bytes at all */
export function assertRange({ start, end }: ByteRange): void {
  if (!Number.isSafeInteger(start) || start < 0 || Number.isNaN(end) || end < start) {
    throw new RangeError(`${start}-${end} is not a range of bytes`);
  }
}

/**
 * The part of a range that exists, as HTTP has it: an end past the last byte means the last byte.
 * @throws {RangeError} when the range begins after the last byte or is not one
 */
export function clampRange(range: ByteRange, size: number): ByteRange {
  assertRange(range);
  if (range.start >= size)
    throw new RangeError(`Byte ${range.start} is after the end of an object of ${size} bytes`);
  return { start: range.start, end: Math.min(range.end, size - 1) };
}
