import type { Chunk } from '@transcodeflow/shared/contracts/chunk.ts';
import type { EncodeChunkSpec } from '@transcodeflow/shared/contracts/encode-specs.ts';
import type { Film } from '@transcodeflow/shared/contracts/media.ts';
import type { PosterSpec, StoryboardSpec } from '@transcodeflow/shared/contracts/pictures.ts';
import { shownSeconds, type Trim } from '@transcodeflow/shared/contracts/trim.ts';
import { POSTER_CANDIDATES, storyboardGrid } from './stills.ts';
import { clockFrom } from './trimming.ts';

/** The part of a video that one run encodes, on the clock of all that is shown. */
export interface ChunkWindow extends Chunk {
  /** First frame of all; 0 of a trimmed video. */
  first_s: number;
  /** Of all that is shown. */
  duration_s: number;
  /** The part of the source that is shown, on the source's clock. Absent: all of it. */
  cut?: Trim | undefined;
  /** Filters look at the frames around each one: reading begins at a keyframe before the chunk's. */
  neighbours?: boolean;
}

/** Half of the finest clock that containers have: the cut lies between the last frame before a keyframe and it. */
const BEFORE_S = 0.0005;
/** Instants are known to a microsecond, which is less than a tick of the encoder's clock. */
const ROUNDING_S = 0.000_004;

/** Demuxers seek by decoding times, which are some frames before those of showing. */
const NEIGHBOURS_S = 1;

/**
 * What a task is told of its chunk, which is on the source's clock, brought to the clock of what is shown.
 * @param neighbours filters look at the frames around each one
 */
export function chunkWindow(
  {
    chunk: { number, from_s, to_s },
    first_s,
    trim: cut,
  }: Pick<EncodeChunkSpec, 'chunk' | 'first_s' | 'trim'>,
  film: Film,
  neighbours: boolean,
): ChunkWindow {
  const start_s = cut?.start_s ?? 0;
  return {
    number,
    from_s: from_s - start_s,
    ...(to_s !== undefined && { to_s: to_s - start_s }),
    first_s: first_s - start_s,
    duration_s: shownSeconds(film, cut),
    cut,
    neighbours,
  };
}

/** Time stamps stay those of the whole video: as without these options, its file begins at 0. */
export const CLOCK = ['-copyts', '-start_at_zero'];

/**
 * Options before the input: reading begins at the chunk's keyframe, or before it where the demuxer cannot do better. Only
 * the first chunk of a trimmed video begins between keyframes.
 */
export function entry({ number, from_s, cut, neighbours }: ChunkWindow): string[] {
  const source_s = from_s + (cut?.start_s ?? 0);
  const at_s = neighbours || number === 1 ? source_s - NEIGHBOURS_S : source_s + BEFORE_S;
  return (number === 1 && !cut) || at_s <= 0 ? [] : ['-noaccurate_seek', '-ss', at_s.toFixed(6)];
}

/**
 * Takes the frames shown from this chunk's keyframe to the next one's, in the decoder's order of showing them: also those
 * of an open GOP that come after the next keyframe in the file. Neighbours cut at the same number, so that each frame is
 * in one chunk and none in two. A trimmed video begins and ends as it does in one run, and its clock at 0.
 */
export function trim({ number, from_s, to_s, cut }: ChunkWindow): string[] {
  const zero_s = cut?.start_s ?? 0;
  const end_s = to_s === undefined ? cut?.end_s : zero_s + to_s;
  const start = number === 1 && !cut ? [] : [`start=${Math.max(0, zero_s + from_s - BEFORE_S).toFixed(6)}`];
  const end = end_s === undefined ? [] : [`end=${(end_s - BEFORE_S).toFixed(6)}`];
  const bounds = [...start, ...end];
  return [...(bounds.length > 0 ? [`trim=${bounds.join(':')}`] : []), ...(cut ? [clockFrom(zero_s)] : [])];
}

/**
 * Keyframes at the chunk's first frame and then where the whole video has them, counted from its first frame, so that
 * segments begin where they would without chunks. `t` counts from the first frame of this run.
 */
export function keyframes({ from_s, first_s }: ChunkWindow, gop_s: number): string {
  const offset = from_s - first_s + ROUNDING_S;
  return `expr:if(n,gte(t+${offset.toFixed(6)},(${Math.floor(offset / gop_s)}+n_forced)*${gop_s}),1)`;
}

/** Which of some instants, `step` apart from `first` on, lie in the chunk: number of the first one, and how many. */
function within(
  { from_s, to_s = Number.POSITIVE_INFINITY }: Chunk,
  first: number,
  step: number,
  all: number,
) {
  const at = (instant: number) => Math.max(0, Math.ceil((instant - first - ROUNDING_S) / step));
  const start = Math.min(all, at(from_s));
  return { start, count: Math.min(all, at(to_s)) - start };
}

export interface PosterInstants {
  from_s: number;
  step_s: number;
  count: number;
  /** With fewer pictures there is none: the first one is a frame before the instant that was asked for. */
  least: 1 | 2;
}

/**
 * The poster's candidates in the chunk: from which instant, how far apart, how many. Of an instant that was asked for, every
 * chunk that does not end before it has its first frame from there on: frames may lie far apart, so that the one after the
 * instant is in a later chunk, and the earliest of them is it. The last chunk has one in any case.
 */
export function posterInstants(window: ChunkWindow, { time_s }: PosterSpec): PosterInstants {
  const { duration_s, first_s, from_s, to_s = Number.POSITIVE_INFINITY } = window;
  if (time_s !== undefined) {
    const isLast = window.to_s === undefined;
    const least = time_s <= from_s || isLast ? 1 : 2;
    return { from_s: time_s, step_s: duration_s, count: time_s < to_s ? 1 : 0, least };
  }
  const step_s = duration_s / POSTER_CANDIDATES;
  const { start, count } = within(window, first_s, step_s, POSTER_CANDIDATES);
  return { from_s: first_s + start * step_s, step_s, count, least: 1 };
}

/** The storyboard's tiles in the chunk; the first chunk has also those before its first frame. */
export function tileInstants(window: ChunkWindow, spec: StoryboardSpec) {
  const { tiles } = storyboardGrid(spec, window.duration_s);
  const from = window.number === 1 ? { ...window, from_s: 0 } : window;
  const { start, count } = within(from, 0, spec.interval_s, tiles);
  return { from_s: start * spec.interval_s, count };
}
