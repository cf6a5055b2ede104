import { Transform } from 'node:stream';

/** Quota is asked for in steps of so many bytes, and in smaller ones where little is left of it. */
const STEP = 8 * 2 ** 20;
const SMALLEST_STEP = 2 ** 18;

/**
 * Lets bytes of an upload of unknown length through as long as they are within the quota.
 * @param from bytes that are there and reserved already
 * @param grow reserves so many bytes in all; what it throws ends the stream
 */
export function meteredBody(
  from: number,
  mostBytes: number,
  grow: (bytes: number) => Promise<void>,
): Transform {
  let bytes = from;
  let reserved = from;
  let step = STEP;

  async function reserve(): Promise<void> {
    for (;;) {
      const wanted = Math.max(bytes, Math.min(bytes + step, mostBytes));
      try {
        await grow(wanted);
        reserved = wanted;
        return;
      } catch (error) {
        if (wanted === bytes) throw error;
        step = step > SMALLEST_STEP ? step / 4 : 0;
      }
    }
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= reserved) return done(null, chunk);
      reserve().then(() => done(null, chunk), done);
    },
  });
}
