import { Readable } from 'node:stream';

export const MiB = 2 ** 20;

export function text(content: string): Readable {
  return Readable.from(content === '' ? [] : [Buffer.from(content)]);
}

/** The same memory again and again, so that the store's own buffers are what is measured. */
export function* mebibytes(count: number, before: (done: number) => unknown = () => {}): Iterable<Buffer> {
  const pieces = [1, 2, 3].map((fill) => Buffer.alloc(MiB, fill));
  for (let done = 0; done < count; done++) {
    before(done);
    yield pieces[done % 3] ?? Buffer.alloc(0);
  }
}
