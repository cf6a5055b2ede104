import test from 'ava';
import { confidenceOf, ENGLISH_ABOVE, goesInCircles } from './english-detection.ts';

const heard = (text: string, tokens: number, log_probability: number) => ({
  start: 0,
  end: 1,
  pauses: [],
  text,
  tokens,
  log_probability,
});

// What the engine made of real recordings, with its own figures.
const circles =
  'The most important thing is to use the most important thing. The most important thing is to use the most important thing.';
const english = 'That option is invalid, please try again. All of our representatives are currently busy.';

test('a text that goes round in circles is told from one that does not', (t) => {
  t.true(goesInCircles(circles));
  t.false(goesInCircles(english));
  t.false(goesInCircles('No, no, no, no.'));
  t.false(goesInCircles(''));
});

test('confidence is the mean over all tokens', (t) => {
  const { mean, tokens } = confidenceOf([heard(english, 19, -2), heard('Yes.', 1, -0.2)]);
  t.is(tokens, 22);
  t.true(Math.abs(mean - -0.1) < 1e-9);
});

test('going round in circles is no confidence, however sure of itself', (t) => {
  t.true(confidenceOf([heard(circles, 25, -1)]).mean < ENGLISH_ABOVE);
});

test('sounds that made no text do not count', (t) => {
  t.deepEqual(confidenceOf([heard('', 0, -3)]), { tokens: 0, mean: 0 });
});
