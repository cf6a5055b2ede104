import type { Chunk } from '@transcodeflow/shared/contracts/chunk.ts';
import type { Film } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';

/** Below this, starting and joining chunks costs more than it saves. */
const LEAST_CHUNKS = 3;

/** The chunks of a long video, each from one keyframe of the source to another; undefined where it is encoded whole. */
export function planChunks(
  { duration_s, entry_points_s = [] }: Film,
  chunk_s: number | undefined,
): Chunk[] | undefined {
  if (!chunk_s || duration_s < LEAST_CHUNKS * chunk_s || entry_points_s.length < 2) return undefined;
  return entry_points_s.map((from_s, index) => {
    const to_s = entry_points_s[index + 1];
    return { number: index + 1, from_s, ...(to_s !== undefined && { to_s }) };
  });
}

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
