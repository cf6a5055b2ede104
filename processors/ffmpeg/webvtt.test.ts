import test from 'ava';
import { cuesWithin, formatVtt, parseVtt } from './webvtt.ts';

const file = `WEBVTT

NOTE a remark

00:01.000 --> 00:02.500
Hello <i>there</i>

7
01:00:00.000 --> 01:00:01.000 align:left
Late
two lines
`;

test('cues are read without identifiers, settings and notes', (t) => {
  t.deepEqual(parseVtt(file), [
    { start_s: 1, end_s: 2.5, text: 'Hello <i>there</i>' },
    { start_s: 3600, end_s: 3601, text: 'Late\ntwo lines' },
  ]);
  t.throws(() => parseVtt('1\n00:00:01,000 --> 00:00:02,000\nHi'), { message: /WEBVTT/ });
});

test('cues keep within the video, in order; what lies outside is left out', (t) => {
  const cue = (start_s: number, end_s: number, text = 'x') => ({ start_s, end_s, text });
  t.deepEqual(
    cuesWithin([cue(8, 20), cue(1, 2), cue(4, 6), cue(12, 13), cue(5, 5), cue(6, 7, '')], 5, 5.0005),
    [cue(0, 1), cue(3, 5)],
  );
});

test('text that no tag is made of is escaped, once', (t) => {
  const [cue] = cuesWithin([{ start_s: 0, end_s: 1, text: 'a < b & c --> <b>d</b> &amp; <font>' }], 0, 1);
  t.is(cue?.text, 'a &lt; b &amp; c --&gt; <b>d</b> &amp; &lt;font&gt;');
  t.deepEqual(cuesWithin(cue ? [cue] : [], 0, 1), [cue]);
});

test('what was written is read again, with its place on the clock of HLS', (t) => {
  const cues = [{ start_s: 1.5, end_s: 3661.25, text: 'Hi' }];
  const text = formatVtt(cues);
  t.is(text, 'WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n00:00:01.500 --> 01:01:01.250\nHi\n');
  t.deepEqual(parseVtt(text), cues);
});
