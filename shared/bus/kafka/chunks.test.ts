import test from 'ava';
import { chunksOf, sizeOf } from './chunks.ts';

const message = (bytes: number, text = '') => ({ topic: 't', headers: { text }, value: Buffer.alloc(bytes) });

test('requests stay under the size of one record batch, in order', (t) => {
  const messages = Array.from({ length: 40 }, (_, index) => message(100_000 + index));
  const chunks = chunksOf(messages);
  t.deepEqual(chunks.flat(), messages);
  for (const chunk of chunks) t.true(chunk.reduce((sum, one) => sum + sizeOf(one), 0) <= 900_000);
});

test('many small messages go 500 at a time, a huge one alone', (t) => {
  t.deepEqual(
    chunksOf(Array.from({ length: 1_200 }, () => message(1))).map(({ length }) => length),
    [500, 500, 200],
  );
  t.deepEqual(
    chunksOf([message(1), message(1_000_000), message(1)]).map(({ length }) => length),
    [1, 1, 1],
  );
  t.deepEqual(chunksOf([]), []);
});

test('headers and keys count in bytes', (t) => {
  t.true(sizeOf(message(0, 'é'.repeat(1_000))) >= 2_000);
});
