import { Transform } from 'node:stream';

/** Quota is asked for in steps of so many bytes. */
const STEP = 8 * 2 ** 20;

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
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= reserved) return done(null, chunk);
      reserved = Math.max(bytes, Math.min(bytes + STEP, mostBytes));
      grow(reserved)
        .catch(() => {
          // What is left of the quota may be less than a step and still enough.
          reserved = bytes;
          return grow(reserved);
        })
        .then(() => done(null, chunk), done);
    },
  });
}
