import { BIN_S } from './sound-levels.ts';

/** As far as an offset is looked for. */
const FURTHEST = Math.round(0.5 / BIN_S);
/** What is compared at either end: sound that rises and falls, for this long. */
const STRETCH = Math.round(20 / BIN_S);
/** A stretch whose level varies less, in dB, tells nothing: a tone, a hum, silence. */
const LEAST_VARIED = 3;
/** Below this the two are not the same sound; above, the best lag is the offset. */
const LEAST_ALIKE = 0.5;
/** What repeats itself fits at several lags: the smallest is meant. */
const AS_GOOD = 0.02;

export interface SoundOffset {
  /** Seconds by which the second is late; negative: early. */
  late_s: number;
  /** Correlation of the levels at this offset, up to 1. */
  alike: number;
  /** Where it was measured. */
  at_s: number;
}

/**
 * By how much a sound is late against another, by the course of their levels, near the start and near the end: the
 * difference of both is the drift. Good to about 1 ms. Undefined where the levels hardly vary.
 */
export function soundOffsets(
  source: Float32Array,
  output: Float32Array,
): { start?: SoundOffset; end?: SoundOffset } {
  const length = Math.min(source.length, output.length);
  const stretch = Math.min(STRETCH, length);
  if (stretch < 4 * FURTHEST) return {};
  const places: number[] = [];
  for (let at = 0; at + stretch <= length; at += Math.ceil(stretch / 2)) places.push(at);
  if (places.at(-1) !== length - stretch) places.push(length - stretch);
  const measure = (order: readonly number[]) => {
    for (const at of order) {
      const found = offsetAt(source, output, at, stretch);
      if (found) return found;
    }
    return undefined;
  };
  const [start, end] = [measure(places), measure(places.toReversed())];
  return { ...(start && { start }), ...(end && { end }) };
}

function offsetAt(
  source: Float32Array,
  output: Float32Array,
  at: number,
  length: number,
): SoundOffset | undefined {
  // The middle of the stretch in the source, against the same length of the output at every lag.
  const from = at + FURTHEST;
  const part = source.subarray(from, at + length - FURTHEST);
  if (deviation(part) < LEAST_VARIED) return undefined;
  const alike: number[] = [];
  for (let lag = -FURTHEST; lag <= FURTHEST; lag += 1)
    alike.push(correlation(part, output.subarray(from + lag, from + lag + part.length)));
  const best = Math.max(...alike);
  if (best < LEAST_ALIKE) return undefined;
  const peaks = alike.flatMap((value, index) => {
    const isPeak = value >= (alike[index - 1] ?? -1) && value >= (alike[index + 1] ?? -1);
    return isPeak && value >= best - AS_GOOD ? [index] : [];
  });
  const index = peaks.toSorted((a, b) => Math.abs(a - FURTHEST) - Math.abs(b - FURTHEST))[0];
  if (index === undefined) return undefined;
  return { late_s: (index - FURTHEST + vertex(alike, index)) * BIN_S, alike: best, at_s: at * BIN_S };
}

/** The top of the parabola through a peak and its neighbours, in bins from the peak. */
function vertex(values: readonly number[], index: number): number {
  const [left, top, right] = [values[index - 1], values[index], values[index + 1]];
  if (left === undefined || top === undefined || right === undefined) return 0;
  const bend = left - 2 * top + right;
  return bend < 0 ? (left - right) / (2 * bend) : 0;
}

/** Plain loops from here on: they go over some 800,000 values for each place, and iterators took ten times as long. */
function mean(values: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? 0;
  return sum / values.length;
}

function deviation(values: Float32Array): number {
  const middle = mean(values);
  let squares = 0;
  for (let index = 0; index < values.length; index += 1) squares += ((values[index] ?? 0) - middle) ** 2;
  return Math.sqrt(squares / values.length);
}

function correlation(a: Float32Array, b: Float32Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let index = 0; index < a.length; index += 1) {
    const x = (a[index] ?? 0) - meanA;
    const y = (b[index] ?? 0) - meanB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
