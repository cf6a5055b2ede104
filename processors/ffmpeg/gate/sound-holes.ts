import { BIN_S } from './sound-levels.ts';

/** Sound of the source that must be heard, in dBFS. */
const AUDIBLE = -45;
/** So much quieter than the source, and this quiet, is a hole; a codec's loss is a few dB, normalising up to some 20. */
const QUIETER = 35;
const SILENT = -70;
/** A lost AAC frame is 21 ms, of which the decoder fades some; shorter dips are quiet moments of 5 ms. */
const LEAST = 3;
/** The last frame of the output, filled up with silence: 23 ms, and one bin that it began in. */
const LAST_FRAME = 6;
/** Edges of pauses may be off by this many bins. */
const AROUND = 2;

export interface SoundHole {
  at_s: number;
  length_s: number;
}

/**
 * Stretches in which the source can be heard and the output is silent, wherever time stamps say that all is well.
 */
export function soundHoles(source: Float32Array, output: Float32Array): SoundHole[] {
  const holes: SoundHole[] = [];
  const end = Math.min(source.length, output.length - LAST_FRAME);
  let from = -1;
  for (let index = 0; index <= end; index += 1) {
    const lost = index < end && isLost(source, output, index);
    if (lost && from < 0) from = index;
    if (lost || from < 0) continue;
    if (index - from >= LEAST) holes.push({ at_s: from * BIN_S, length_s: (index - from) * BIN_S });
    from = -1;
  }
  return holes;
}

function isLost(source: Float32Array, output: Float32Array, index: number): boolean {
  const level = output[index] ?? 0;
  if (level > SILENT) return false;
  for (let near = Math.max(0, index - AROUND); near <= index + AROUND; near += 1) {
    const wanted = source[near];
    if (wanted !== undefined && (wanted < AUDIBLE || wanted - level < QUIETER)) return false;
  }
  return true;
}
