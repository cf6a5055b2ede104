import test from 'ava';
import { cuesOf } from './cues-of.ts';
import type { Utterance } from './speech-engine.ts';
import { splitText } from './split-text.ts';

const utterance = (parts: Partial<Utterance>): Utterance => ({
  start: 10,
  end: 20,
  text: '',
  pauses: [],
  tokens: 10,
  log_probability: -1,
  ...parts,
});

const long =
  'And Mr. John Dashwood had then leisure to consider how much there might be prudently in his power to do for them. ' +
  'He was not an ill-disposed young man. No! Unless to be rather cold-hearted, and rather selfish, is to be so.';

test('every word appears once, in order, in cues that can be read at a glance', (t) => {
  const parts = splitText(long);
  t.is(parts.join(' '), long);
  t.true(parts.length > 3);
  for (const part of parts) t.true(part.length <= 76, part);
});

test('sentences are not cut after a title, and very short ones share a cue', (t) => {
  t.deepEqual(splitText('We met Mr. Smith in the old town yesterday. Yes. It rained the whole day long.'), [
    'We met Mr. Smith in the old town yesterday. Yes.',
    'It rained the whole day long.',
  ]);
});

test('a text without any space ends', (t) => {
  t.deepEqual(splitText('a'.repeat(200)), ['a'.repeat(200)]);
});

test('nothing said makes no cue', (t) => {
  t.deepEqual(cuesOf(utterance({})), []);
});

test('cues fill the utterance, in order and without overlap', (t) => {
  const cues = cuesOf(utterance({ text: long, end: 24 }));
  t.is(cues[0]?.start, 10);
  t.is(cues.at(-1)?.end, 24);
  for (const [index, cue] of cues.entries()) {
    t.true(cue.end > cue.start);
    t.true(cue.start >= (cues[index - 1]?.end ?? 0));
    t.true(cue.end - cue.start <= 7);
  }
});

test('a border moves into the pause between two sentences', (t) => {
  const text = 'This is the first of two sentences. This is the other of two sentences.';
  const cues = cuesOf(utterance({ text, pauses: [{ start: 14.4, end: 15.2 }] }));
  t.deepEqual(
    cues.map(({ start, end }) => [start, end]),
    [
      [10, 14.4],
      [15.2, 20],
    ],
  );
});

test('time is shared out over the voice, not over the silence', (t) => {
  // 7 s of voice around 3 s of silence: half of it was heard after 0.5 s + 3 s (silent) + 3 s.
  const text = 'This is the first of two sentences. This is the other of two sentences.';
  const [first] = cuesOf(utterance({ text, pauses: [{ start: 10.5, end: 13.5 }] }));
  t.true(Math.abs((first?.end ?? 0) - 16.5) < 0.1, String(first?.end));
});
