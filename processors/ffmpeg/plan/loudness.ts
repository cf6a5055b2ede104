import type { AudioEncoding } from '@transcodeflow/shared/contracts/audio-encoding.ts';

/** What `loudnorm` found in a first pass: LUFS, dBTP, LU. */
export interface MeasuredLoudness {
  integrated: number;
  truePeak: number;
  range: number;
  threshold: number;
  offset: number;
}

/** Starts at 0 with the file; silence fills a late start and gaps. */
export const ALIGNED = 'aresample=async=1:first_pts=0';

/** dBTP: what EBU R128 allows at most, and half of a decibel for what AAC adds. */
const TRUE_PEAK = -1.5;
/** LU: more than any programme has, so that one gain is enough and the dynamics are left alone. */
const RANGE = 20;

export const loudnorm = (target_lufs: number) => `loudnorm=I=${target_lufs}:TP=${TRUE_PEAK}:LRA=${RANGE}`;

/**
 * The filter of the second pass: one gain over the whole length, where the peaks allow it; else loudnorm follows the
 * loudness and limits the peaks. Without a measurement (silence has no loudness), nothing is changed.
 */
export function normalising({ loudness }: AudioEncoding, measured: MeasuredLoudness | undefined): string[] {
  if (!loudness || !measured) return [];
  const { integrated, truePeak, range, threshold, offset } = measured;
  const known = `measured_I=${integrated}:measured_TP=${truePeak}:measured_LRA=${range}:measured_thresh=${threshold}`;
  return [`${loudnorm(loudness.target_lufs)}:${known}:offset=${offset}:linear=true`];
}
