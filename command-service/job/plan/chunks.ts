import type { Chunk } from '@transcodeflow/shared/contracts/chunk.ts';
import type { Film } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import { shownSeconds, type Trim } from '@transcodeflow/shared/contracts/trim.ts';

/** Below this, starting and joining chunks costs more than it saves. */
const LEAST_CHUNKS = 3;

/**
 * The chunks of a long video, each from one keyframe of the source to another, and of a trimmed one within that part;
 * undefined where it is encoded whole.
 */
export function planChunks(
  film: Film,
  chunk_s: number | undefined,
  trim: Trim | undefined,
): Chunk[] | undefined {
  if (!chunk_s || shownSeconds(film, trim) < LEAST_CHUNKS * chunk_s) return undefined;
  const { entry_points_s = [] } = film;
  // The first one is the first frame of all, not a place to cut: pictures may begin late.
  const [, ...cuts] = entry_points_s;
  const starts = trim ? [trim.start_s, ...within(cuts, trim, chunk_s / 2)] : entry_points_s;
  if (starts.length < 2) return undefined;
  return starts.map((from_s, index) => {
    const to_s = starts[index + 1];
    return { number: index + 1, from_s, ...(to_s !== undefined && { to_s }) };
  });
}

/** @param least_s neither the first chunk nor the last one is shorter */
const within = (instants_s: readonly number[], { start_s, end_s }: Trim, least_s: number): number[] =>
  instants_s.filter((at_s) => at_s - start_s >= least_s && end_s - at_s >= least_s);

const required = (task_id: string, kind: Plan['tasks'][number]['kind'], after: string[] = []) => ({
  task_id,
  kind,
  after,
  optional: false,
});

/** The tasks that encode: one, or as many as there are chunks beside one for the audio, joined in the end. */
export function encodingTasks(chunks: readonly Chunk[] | undefined, hasAudio: boolean): Plan['tasks'] {
  if (!chunks) return [required('encode', 'encode')];
  const parts = chunks.map(({ number }) => required(`encode-${number}`, 'encode-chunk'));
  if (hasAudio) parts.push(required('encode-audio', 'encode'));
  const joined = parts.map(({ task_id }) => task_id);
  return [...parts, required('stitch', 'stitch', joined)];
}
