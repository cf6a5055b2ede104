import type { Window } from './quality-windows.ts';

/** A frame shrunk to its luma in 16x9. */
export const GLIMPSE = { width: 16, height: 9 };
const BYTES = GLIMPSE.width * GLIMPSE.height;
/** Deviation of luma below which a frame shows nothing: black, green, grey. */
const FLAT = 2;

/**
 * Where an output shows nothing, longest first: a broken encode looks like this, and so do the pauses of a film, so the
 * source is asked there.
 * @param glimpses one after the other, in the order they are shown @param shown when each is shown, in seconds
 */
export function flatStretches(glimpses: Uint8Array, shown: readonly number[]): Window[] {
  const stretches: Window[] = [];
  let from: number | undefined;
  const count = Math.min(shown.length, Math.floor(glimpses.length / BYTES));
  for (let index = 0; index <= count; index += 1) {
    const isFlat = index < count && deviation(glimpses.subarray(index * BYTES, (index + 1) * BYTES)) < FLAT;
    if (isFlat) from ??= shown[index];
    if (isFlat || from === undefined) continue;
    const end = shown[index] ?? shown[index - 1] ?? from;
    stretches.push({ from_s: from, length_s: end - from });
    from = undefined;
  }
  return stretches.toSorted((a, b) => b.length_s - a.length_s);
}

function deviation(values: Uint8Array): number {
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  // Rounding may take it a hair below 0.
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
}
