import { type ProbedFile, streamDuration, streamEnd } from '../../ffmpeg/probed-file.ts';

/** Containers that write down how long their streams are; of others ffprobe estimates it from the bitrate. */
const LISTS_DURATIONS = /\b(mov|matroska|avi|asf|wav)\b/;
/** As near to its word as a container is believed to be. */
const NEAR_S = 0.5;

/**
 * Seconds that a file should go on for by its container's word on the streams in use, and does not: it was cut off.
 * @param duration_s of what is there
 * @returns undefined where nothing is missing, or nothing was promised
 */
export function missingSeconds(
  { format, streams }: ProbedFile,
  used: readonly ({ index: number } | undefined)[],
  duration_s: number,
): number | undefined {
  if (!LISTS_DURATIONS.test(format.format_name)) return undefined;
  // ffmpeg's tags in Matroska count from 0, mkvmerge's from the first sample: the shorter is what both promise.
  const mayCountFromZero = format.format_name.includes('matroska');
  const ends = streams
    .filter(({ index }) => used.some((stream) => stream?.index === index))
    .flatMap((stream) => (mayCountFromZero ? streamDuration(stream) : streamEnd(stream)) ?? []);
  const missing = Math.max(0, ...ends) - (format.start_time ?? 0) - duration_s;
  return missing > NEAR_S ? Math.round(missing * 1_000) / 1_000 : undefined;
}
