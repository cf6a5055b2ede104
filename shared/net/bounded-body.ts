import { type Readable, Transform } from 'node:stream';
import { explainFailure } from './explain-failure.ts';
import { SafeFetchError } from './safe-fetch-error.ts';

/** @param bytes the limit that was passed */
export const tooLarge = (bytes: number): SafeFetchError =>
  new SafeFetchError('too_large', `The answer is larger than ${bytes} bytes.`, false);

/**
 * The bytes of an answer as they come, in no more memory than a few chunks. Fails with `too_large` when one byte more
 * than allowed arrives; destroying it ends the connection.
 * @param signal of the caller: its reason is passed on as it is
 */
export function boundedBody(body: Readable, mostBytes: number, signal: AbortSignal | undefined): Readable {
  let bytes = 0;
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > mostBytes) done(tooLarge(mostBytes));
      else done(null, chunk);
    },
    destroy(error, done) {
      body.destroy();
      done(error);
    },
  });
  // Whoever has stopped reading need not listen for what becomes of the rest.
  bounded.on('error', () => {});
  body.on('error', (error) =>
    bounded.destroy(signal?.aborted ? signal.reason : explainFailure(error, 'body')),
  );
  return body.pipe(bounded);
}
