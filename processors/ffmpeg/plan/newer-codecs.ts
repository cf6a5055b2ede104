import type { Rendition } from '@transcodeflow/shared/contracts/rendition.ts';

export type Options = [name: string, value: string | number][];

/** The buffer holds two seconds. */
export const cap = (rate: number): Options => [
  ['maxrate', rate],
  ['bufsize', rate * 2],
];

/** Encoders that take their threads from ffmpeg. */
export const within = (threads: number | undefined): Options => (threads ? [['threads', threads]] : []);

/**
 * Every forced keyframe is an IDR and no GOP is open, so that players can begin at each; hvc1 keeps the headers out of
 * the stream, which is the only kind of HEVC that Apple's players take. x265 has a pool of threads of its own and does not
 * look at ffmpeg's `-threads`.
 */
export const x265 = ({ preset, crf, max_bitrate }: Rendition, threads?: number): Options => [
  ['c', 'libx265'],
  ['preset', preset],
  ['crf', crf],
  ...cap(max_bitrate),
  ['forced-idr', 1],
  ['x265-params', `log-level=error:open-gop=0:scenecut=0${threads ? `:pools=${threads}` : ''}`],
  ['profile', 'main'],
  ['tag', 'hvc1'],
];

/** Speeds of the AV1 encoders (higher is faster) for x264's names. */
const SVT_SPEEDS: Record<string, number> = {
  ultrafast: 12,
  veryfast: 10,
  faster: 9,
  fast: 8,
  medium: 6,
  slow: 4,
};
const AOM_SPEEDS: Record<string, number> = {
  ultrafast: 8,
  veryfast: 8,
  faster: 7,
  fast: 6,
  medium: 5,
  slow: 4,
};

/**
 * Without `-b`, a cap makes it capped CRF. `lp` was a number of threads before SVT-AV1 3.0 and is a level of parallelism,
 * at most 6, since; up to there a level takes about as many threads.
 */
export const svtAv1 = ({ preset, crf, max_bitrate }: Rendition, threads?: number): Options => [
  ['c', 'libsvtav1'],
  ['preset', SVT_SPEEDS[preset] ?? 8],
  ['crf', crf],
  ...cap(max_bitrate),
  ...(threads ? ([['svtav1-params', `lp=${Math.min(threads, 6)}`]] satisfies Options) : []),
];

/** libaom knows no maxrate beside a crf: its constrained quality takes the cap as the rate not to be passed. */
export const aom = ({ preset, crf, max_bitrate }: Rendition, threads?: number): Options => [
  ['c', 'libaom-av1'],
  ['cpu-used', AOM_SPEEDS[preset] ?? 6],
  ['crf', crf],
  ['b', max_bitrate],
  ['row-mt', 1],
  ...within(threads),
];
