import test from 'ava';
import { silencesOf, spokenAt } from './spoken-at.ts';
import { inRecording, voicedParts } from './voiced-parts.ts';

const voices = [
  { start: 5, end: 8, pauses: [{ start: 6, end: 6.4 }] },
  { start: 8.5, end: 10, pauses: [] },
  { start: 60, end: 62, pauses: [] },
];

test('only voices are kept, with a little before and more after them; neighbours stay together', (t) => {
  t.deepEqual(voicedParts(voices, 62.5), [
    { start: 4.7, end: 11.5 },
    { start: 59.7, end: 62.5 },
  ]);
  t.deepEqual(voicedParts([], 10), []);
});

test('times in what is kept are times of the recording', (t) => {
  const parts = voicedParts(voices, 62.5);
  t.is(inRecording(parts, 0), 4.7);
  t.is(inRecording(parts, 1), 5.7);
  t.true(Math.abs(inRecording(parts, 7.8) - 60.7) < 1e-9);
  t.is(inRecording(parts, 99), 62.5);
});

test('borders move into the silences near them', (t) => {
  const silences = silencesOf(voices);
  const pauses = [{ start: 6, end: 6.4 }];
  t.deepEqual(spokenAt({ start: 4.7, end: 8.7 }, silences), { start: 5, end: 8, pauses });
  t.deepEqual(spokenAt({ start: 8.2, end: 11 }, silences), { start: 8.5, end: 10, pauses: [] });
  t.deepEqual(spokenAt({ start: 7, end: 9.2 }, silences)?.start, 6.4);
});

test('a voice that goes on a little after the end that whisper told is part of it, unless something follows', (t) => {
  const long = [{ start: 0, end: 27, pauses: [] }];
  t.is(spokenAt({ start: 20, end: 25.8 }, silencesOf(long))?.end, 27);
  t.is(spokenAt({ start: 20, end: 25.8 }, silencesOf(long), 25.8)?.end, 25.8);
  t.is(spokenAt({ start: 20, end: 24 }, silencesOf(long))?.end, 24);
});

test('what was heard in silence was made up', (t) => {
  const silences = silencesOf(voices);
  t.is(spokenAt({ start: 20, end: 40 }, silences), undefined);
  t.is(spokenAt({ start: 70, end: 72 }, silences), undefined);
  t.is(spokenAt({ start: 10.9, end: 11.5 }, silences), undefined);
});
