import type { Readable } from 'node:stream';

const MiB = 2 ** 20;

/**
 * Bytes of part `number` (from 1). S3 allows 10,000 parts of at least 5 MiB each: 8 MiB for the first 8 GiB,
 * then larger ones, so that 264 GiB fit although the total is not known beforehand.
 */
export function partSize(number: number): number {
  if (number <= 1_000) return 8 * MiB;
  return number <= 3_000 ? 16 * MiB : 32 * MiB;
}

/** A stream cut into parts, over a few buffers: the garbage collector is too slow for 8 MiB at a time. */
export class PartSource {
  readonly #body: Readable;
  readonly #free: Buffer[] = [];
  /** What came so far. */
  bytes = 0;

  constructor(body: Readable) {
    this.#body = body;
  }

  /** Parts of `partSize`; the last one is shorter, and is the only one of an empty stream. */
  async *parts(): AsyncGenerator<Buffer> {
    let number = 1;
    let part = this.#buffer(number);
    let filled = 0;
    for await (const piece of this.#body) {
      let rest: Buffer = Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
      this.bytes += rest.length;
      while (rest.length > 0) {
        const copied = rest.copy(part, filled);
        filled += copied;
        rest = rest.subarray(copied);
        if (filled < part.length) continue;
        yield part;
        number += 1;
        part = this.#buffer(number);
        filled = 0;
      }
    }
    if (filled > 0 || number === 1) yield part.subarray(0, filled);
  }

  /** Says that a part was sent and may be filled again. */
  release(part: Buffer): void {
    this.#free.push(part);
  }

  /** Ends the wait of `parts` for a source that is slow to send more. */
  stop(error: unknown): void {
    this.#body.destroy(error instanceof Error ? error : undefined);
  }

  #buffer(number: number): Buffer {
    const used = this.#free.pop();
    return used?.length === partSize(number) ? used : Buffer.allocUnsafeSlow(partSize(number));
  }
}
