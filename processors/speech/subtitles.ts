import type { Cue } from './cue.ts';

/** A line longer than this is broken near its middle. */
const LINE = 42;
/** Silence that starts a new paragraph of the plain text, in seconds. */
const PARAGRAPH_S = 2;

/** SubRip: numbered from 1, times with a comma, a blank line after each cue. */
export function toSrt(cues: readonly Cue[]): string {
  return cues
    .map(
      ({ start, end, text }, index) =>
        `${index + 1}\n${time(start, ',')} --> ${time(end, ',')}\n${lines(text)}\n`,
    )
    .join('\n');
}

/** WebVTT. Its text is markup: `&`, `<` and `>` are escaped, which also keeps `-->` out. */
export function toVtt(cues: readonly Cue[]): string {
  const blocks = cues.map(
    ({ start, end, text }) => `${time(start, '.')} --> ${time(end, '.')}\n${escapeVtt(lines(text))}\n`,
  );
  return ['WEBVTT\n', ...blocks].join('\n');
}

/** Running text, a paragraph for each stretch between longer silences. */
export function toPlainText(cues: readonly Cue[]): string {
  let text = '';
  let heard = 0;
  for (const cue of cues) {
    const gap = text === '' ? '' : cue.start - heard >= PARAGRAPH_S ? '\n\n' : ' ';
    text += gap + cue.text;
    heard = cue.end;
  }
  return text === '' ? '' : `${text}\n`;
}

const escapeVtt = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** One line or two of about equal length; never a blank one, which would end the cue. */
function lines(text: string): string {
  const words = text.trim().split(/\s+/);
  const flat = words.join(' ');
  if (flat.length <= LINE || words.length < 2) return flat;
  let first = '';
  for (const [index, word] of words.entries()) {
    const longer = index === 0 ? word : `${first} ${word}`;
    if (index > 0 && Math.abs(longer.length - flat.length / 2) > Math.abs(first.length - flat.length / 2))
      break;
    first = longer;
  }
  const second = flat.slice(first.length + 1);
  return second ? `${first}\n${second}` : first;
}

/** `01:02:03.456`; hours have two digits or more, as both formats want. */
function time(seconds: number, separator: string): string {
  const milliseconds = Math.max(0, Math.round(seconds * 1000));
  const pad = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, '0');
  const hours = pad(milliseconds / 3_600_000, 2);
  const minutes = pad((milliseconds / 60_000) % 60, 2);
  return `${hours}:${minutes}:${pad((milliseconds / 1000) % 60, 2)}${separator}${pad(milliseconds % 1000, 3)}`;
}
