import test from 'ava';
import { flatStretches } from './flat-stretches.ts';

const flat = (level: number) => new Uint8Array(144).fill(level);
const busy = () => Uint8Array.from({ length: 144 }, (_, index) => (index % 16) * 15);

test('stretches in which nothing is to be seen, longest first', (t) => {
  const frames = [flat(16), busy(), busy(), flat(0), flat(0), flat(0), busy(), flat(90), flat(90), busy()];
  const shown = frames.map((_, index) => index / 8);
  const found = flatStretches(Buffer.concat(frames), shown);
  t.deepEqual(
    found.map(({ from_s, length_s }) => [from_s * 8, length_s * 8]),
    [
      [3, 3],
      [7, 2],
      [0, 1],
    ],
  );
  t.deepEqual(flatStretches(new Uint8Array(0), shown), []);
});
