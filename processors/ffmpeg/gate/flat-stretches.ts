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
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
