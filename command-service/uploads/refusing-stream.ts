import { Writable } from 'node:stream';

/** A stream that fails with `error` as soon as something is written to it or it ends. */
export const refusingStream = (error: Error): Writable =>
  new Writable({ write: (_chunk, _encoding, done) => done(error), final: (done) => done(error) });
