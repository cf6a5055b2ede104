import type { ChunkProof, Quality } from '@transcodeflow/shared/contracts/task-results.ts';
import type { PacketProof } from '../../ffmpeg/gate/chunk-proof.ts';
import type { Gate } from './gate.ts';
import { checkFloor, type Judged, meanQuality } from './quality.ts';

/** The file begins where its own clock says, which MP4 keeps to the millisecond. */
const START_S = 0.0011;
/** A tick of the encoder's clock, and rounding: chunks keep their distance. */
const DISTANCE_S = 0.000_02;

/**
 * A joined file is, packet by packet, the chunks that were decoded and compared with the source where they were encoded: so
 * it decodes and shows the same as they do, and neither is done again.
 */
export function checkChunks(
  name: string,
  chunks: readonly ChunkProof[],
  found: readonly PacketProof[],
  gate: Gate,
): void {
  const [first] = chunks;
  const [start] = found;
  const shift_s = (start?.first_s ?? 0) - (first?.first_s ?? 0);
  const wrong = chunks.flatMap((chunk, index) => {
    const part = found[index];
    if (part?.frame_count !== chunk.frame_count)
      return [`chunk ${index + 1} has ${part?.frame_count ?? 0} frames of ${chunk.frame_count}`];
    if (part.digest !== chunk.digest) return [`chunk ${index + 1} holds other pictures`];
    if (part.times !== chunk.times || Math.abs(part.first_s - chunk.first_s - shift_s) > DISTANCE_S)
      return [`chunk ${index + 1} is shown at other times`];
    return [];
  });
  if (found.length > chunks.length) wrong.push('more frames than the chunks have');
  if (Math.abs(shift_s) > START_S) wrong.push(`it begins ${shift_s.toFixed(3)} s late`);
  const frames = chunks.reduce((sum, { frame_count }) => sum + frame_count, 0);
  const detail = `${frames} frames of ${chunks.length} chunks, each decoded without errors where it was encoded`;
  gate.check(name, 'chunks', wrong.length === 0, wrong.length === 0 ? detail : wrong.join('; '));
}

/** Quality of the whole: the mean of the chunks, by how much of each was compared; held against the floor. */
export function judgeChunks(
  rendition: Pick<Judged, 'name' | 'bits' | 'max_bitrate' | 'least_ssim'>,
  chunks: readonly ChunkProof[],
  gate: Gate,
): Quality | undefined {
  const windows = chunks.map(({ first_s }, index) => ({
    from_s: first_s,
    length_s: (chunks[index + 1]?.first_s ?? rendition.bits.length) - first_s,
  }));
  const compared = chunks.flatMap(({ quality }) =>
    quality ? [{ quality, from_s: 0, length_s: quality.sampled_s }] : [],
  );
  const quality = meanQuality(compared);
  if (quality) checkFloor(rendition, quality.ssim, windows, gate);
  return quality;
}
