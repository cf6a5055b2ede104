import test from 'ava';
import { FRAME_SAMPLES, type Piece, Segmenter } from './segmenter.ts';

const FRAME_S = 0.032;

/** Feeds `[seconds, probability]` stretches; each frame's samples hold its own number. */
function segment(...stretches: [seconds: number, probability: number][]): Piece[] {
  const segmenter = new Segmenter();
  const pieces: (Piece | undefined)[] = [];
  let number = 0;
  for (const [seconds, probability] of stretches) {
    for (let count = Math.round(seconds / FRAME_S); count > 0; count--) {
      pieces.push(segmenter.push(new Float32Array(FRAME_SAMPLES).fill(number++), probability));
    }
  }
  pieces.push(segmenter.flush());
  return pieces.filter((piece) => piece !== undefined);
}

const close = (value: number | undefined, expected: number) =>
  Math.abs((value ?? -1) - expected) <= 2 * FRAME_S;

test('silence has no pieces, nor have clicks', (t) => {
  t.is(segment([20, 0.1]).length, 0);
  t.is(segment([2, 0.1], [0.1, 0.9], [2, 0.1]).length, 0);
});

test('a piece has the times of the voice, and 0.3 s of sound on either side', (t) => {
  const [piece, ...others] = segment([2, 0.1], [3, 0.9], [2, 0.1]);
  t.is(others.length, 0);
  t.true(close(piece?.start, 2) && close(piece?.end, 5));
  const first = Math.round((piece?.start ?? 0) / FRAME_S);
  t.is(piece?.samples[0], first - 9);
  t.is((piece?.samples.length ?? 0) / FRAME_SAMPLES, Math.round(3 / FRAME_S) + 2 * 9);
});

test('speech up to the very end is not lost', (t) => {
  const [piece] = segment([1, 0.1], [2, 0.9]);
  t.true(close(piece?.end, 3));
});

test('a short pause stays inside its piece and is told; a long one ends it', (t) => {
  const pieces = segment([1, 0.9], [0.3, 0.1], [1, 0.9], [1, 0.1], [1, 0.9], [1, 0.1]);
  t.is(pieces.length, 2);
  t.is(pieces[0]?.pauses.length, 1);
  t.true(close(pieces[0]?.pauses[0]?.start, 1) && close(pieces[0]?.pauses[0]?.end, 1.3));
  t.true(close(pieces[1]?.start, 3.3));
});

test('a wavering probability does not chop words', (t) => {
  t.is(segment([0.5, 0.9], [2, 0.4], [0.5, 0.9], [1, 0.1])[0]?.pauses.length, 0);
});

test('endless speech is cut within 15 s at the quietest moment, and every frame is heard exactly once', (t) => {
  const pieces = segment([11, 0.9], [0.1, 0.2], [30, 0.9], [1, 0.1]);
  t.true(close(pieces[0]?.end, 11), String(pieces[0]?.end));
  const heard: number[] = [];
  for (const { samples } of pieces) {
    t.true(samples.length <= 15 * 16_000);
    for (let at = 0; at < samples.length; at += FRAME_SAMPLES) heard.push(samples[at] ?? -1);
  }
  // To the end of the padding after the last voice.
  t.deepEqual(
    heard,
    heard.map((_, index) => index),
  );
  t.true(heard.length >= Math.round(41 / FRAME_S));
});
