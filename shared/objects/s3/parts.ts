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

/** The stream in parts of `partSize`; the last one is shorter, and is the only one of an empty stream. */
export async function* partsOf(body: Readable): AsyncGenerator<Buffer> {
  let number = 1;
  let part = Buffer.allocUnsafeSlow(partSize(number));
  let filled = 0;
  for await (const piece of body) {
    let rest: Buffer = Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
    while (rest.length > 0) {
      const copied = rest.copy(part, filled);
      filled += copied;
      rest = rest.subarray(copied);
      if (filled < part.length) continue;
      yield part;
      number += 1;
      part = Buffer.allocUnsafeSlow(partSize(number));
      filled = 0;
    }
  }
  if (filled > 0 || number === 1) yield part.subarray(0, filled);
}

/** Passes parts on and counts them. Fails at the end when they are not the bytes that were announced. */
export function countBytes(key: string, parts: AsyncIterable<Buffer>, announced?: number) {
  let bytes = 0;
  async function* counted(): AsyncIterable<Buffer> {
    for await (const part of parts) {
      bytes += part.length;
      yield part;
    }
    if (announced !== undefined && bytes !== announced) {
      throw new Error(`Object ${key} was announced with ${announced} bytes, ${bytes} came`);
    }
  }
  return { parts: counted(), bytes: () => bytes };
}
