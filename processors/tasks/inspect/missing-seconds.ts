import { type ProbedFile, type ProbedStream, streamDuration, streamEnd } from '../../ffmpeg/probed-file.ts';

/** Their word on each stream can be relied on. What AVI, ASF and others say is at times nonsense in whole files. */
const LISTS_DURATIONS = /\b(mov|matroska)\b/;
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
  const isMatroska = format.format_name.includes('matroska');
  const ends = streams
    .filter(({ index }) => used.some((stream) => stream?.index === index))
    .flatMap((stream) => (isMatroska ? taggedEnd(stream) : streamEnd(stream)) ?? []);
  const missing = Math.max(0, ...ends) - (format.start_time ?? 0) - duration_s;
  return missing > NEAR_S ? Math.round(missing * 1_000) / 1_000 : undefined;
}

/**
 * What ffmpeg wrote, which counts from 0. Tags of other names (`DURATION-eng`) are those of an earlier file, copied.
 */
const taggedEnd = ({ tags: { DURATION = '' }, ...stream }: ProbedStream) =>
  streamDuration({ ...stream, tags: { DURATION } });
