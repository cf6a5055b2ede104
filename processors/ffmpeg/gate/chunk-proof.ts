import { createHash } from 'node:crypto';
import type { ChunkProof } from '@transcodeflow/shared/contracts/task-results.ts';
import type { ScannedPacket } from './packet-scan.ts';

/** Of the encoder's clock. */
const TICKS_PER_S = 120_000;

export type PacketProof = Pick<ChunkProof, 'frame_count' | 'first_s' | 'digest' | 'times'>;

/**
 * Follows the packets of a file that is one chunk, or was joined of some: what each one is made of and when it is shown.
 * @param counts packets of each chunk, in the file's order; what comes after them is in one more. Absent: one chunk.
 */
export class ChunkProofs {
  readonly #counts: readonly number[];
  readonly #done: PacketProof[] = [];
  #open: { ticks: number[]; hash: ReturnType<typeof createHash> } | undefined;

  constructor(counts: readonly number[] = []) {
    this.#counts = counts;
  }

  add({ pts_s = Number.NaN, data_hash }: ScannedPacket): void {
    this.#open ??= { ticks: [], hash: createHash('md5') };
    this.#open.ticks.push(Math.round(pts_s * TICKS_PER_S));
    this.#open.hash.update(data_hash);
    if (this.#open.ticks.length === this.#counts[this.#done.length]) this.#close();
  }

  end(): PacketProof[] {
    this.#close();
    return this.#done;
  }

  #close(): void {
    if (!this.#open) return;
    const { ticks, hash } = this.#open;
    const first = ticks.reduce((least, tick) => Math.min(least, tick), Number.POSITIVE_INFINITY);
    const times = createHash('md5');
    for (const tick of ticks) times.update(`${tick - first} `);
    this.#done.push({
      frame_count: ticks.length,
      first_s: first / TICKS_PER_S,
      digest: hash.digest('hex'),
      times: times.digest('hex'),
    });
    this.#open = undefined;
  }
}
