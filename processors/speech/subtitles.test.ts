import test from 'ava';
import { toPlainText, toSrt, toVtt } from './subtitles.ts';

const cues = [
  { start: 0.0004, end: 1.5, text: 'First.' },
  { start: 3661.9996, end: 3662.25, text: 'Tom & <i>Jerry</i> --> 3' },
];

test('SubRip is numbered from 1, with a comma before the milliseconds', (t) => {
  t.is(
    toSrt(cues),
    '1\n00:00:00,000 --> 00:00:01,500\nFirst.\n\n2\n01:01:02,000 --> 01:01:02,250\nTom & <i>Jerry</i> --> 3\n',
  );
});

test('WebVTT escapes markup, and with it the arrow', (t) => {
  t.is(
    toVtt(cues),
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nFirst.\n\n' +
      '01:01:02.000 --> 01:01:02.250\nTom &amp; &lt;i&gt;Jerry&lt;/i&gt; --&gt; 3\n',
  );
});

test('no cues make files that are valid and empty', (t) => {
  t.is(toSrt([]), '');
  t.is(toVtt([]), 'WEBVTT\n');
  t.is(toPlainText([]), '');
});

test('a long text becomes two lines of about equal length, and never a blank line', (t) => {
  const text = 'Unless to be rather cold-hearted\n\nand rather selfish is to be ill-disposed';
  const [, , ...shown] = toSrt([{ start: 0, end: 5, text }])
    .trimEnd()
    .split('\n');
  t.deepEqual(shown, ['Unless to be rather cold-hearted and', 'rather selfish is to be ill-disposed']);
});

test('one endless word stays on its line', (t) => {
  const word = 'a'.repeat(60);
  t.is(toSrt([{ start: 0, end: 1, text: word }]).split('\n')[2], word);
});

test('plain text starts a paragraph after two seconds of silence', (t) => {
  const said = (start: number, text: string) => ({ start, end: start + 1, text });
  t.is(toPlainText([said(0, 'One.'), said(1.2, 'Two.'), said(4.2, 'Three.')]), 'One. Two.\n\nThree.\n');
});
