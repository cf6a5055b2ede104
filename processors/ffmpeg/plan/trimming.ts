import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Trim } from '@transcodeflow/shared/contracts/trim.ts';

export interface Trimming {
  /** Options before the input: what lies far before or behind is not read. */
  input: string[];
  /** First filters of each picture and of each sound: the part begins at 0. */
  video: string[];
  audio: string[];
}

/**
 * So much before the start reading begins: without an index (MPEG-TS) a seek may land behind its mark, between keyframes.
 * Longer than broadcast GOPs are.
 */
const PREROLL_S = 10;
/** Short AVI and FLV files refuse a seek and are then read from wherever it left off: they are read from their start. */
const NO_SEEK = /avi|flv/;
/** Containers round time stamps to a millisecond: a picture at the very start belongs to the part, one at its end not. */
const ROUNDING_S = 0.0005;

/**
 * A picture is in the part when its time is; sound is cut between samples.
 * @param media absent: nothing is known of the container, so it is read from its start
 */
export function trimming(trim: Trim | undefined, media?: Pick<MediaInfo, 'format'>): Trimming {
  if (!trim) return { input: [], video: [], audio: [] };
  const from_s = !media || NO_SEEK.test(media.format) ? 0 : Math.max(0, trim.start_s - PREROLL_S);
  const start_s = trim.start_s - from_s;
  const end_s = trim.end_s - from_s;
  const seek = from_s > 0 ? ['-ss', seconds(from_s)] : [];
  const frames = `trim=start=${seconds(Math.max(0, start_s - ROUNDING_S))}:end=${seconds(end_s - ROUNDING_S)}`;
  return {
    // Packets come in the order of decoding, and some containers interleave loosely: a second more than is needed.
    input: [...seek, '-t', seconds(end_s + 1)],
    video: [frames, clockFrom(start_s)],
    audio: [`atrim=start=${seconds(start_s)}:end=${seconds(end_s)}`, `asetpts=PTS-${seconds(start_s)}/TB`],
  };
}

/** Pictures' clock: 0 is there. In whole ticks, so that it is the same wherever reading began. */
export const clockFrom = (start_s: number): string => `setpts='max(0,PTS-round(${seconds(start_s)}/TB))'`;

const seconds = (value: number): string => value.toFixed(6);
