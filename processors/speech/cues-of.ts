import type { Cue } from './cue.ts';
import type { Pause, Utterance } from './speech-engine.ts';
import { splitText } from './split-text.ts';

/** Longer on screen than this and a viewer reads it twice. */
const LONGEST_S = 6;
/** A cue's border moves to a pause of the voice that is this close. */
const SNAP_S = 0.6;

/**
 * Cues of one utterance. The engine times utterances, not words: within one, time is shared out by characters over
 * the moments with a voice, and borders move into the nearest pause.
 */
export function cuesOf({ text, start, end, pauses }: Utterance): Cue[] {
  if (text === '') return [];
  const pace = text.length / Math.max(end - start, 0.1);
  const texts = splitText(text, Math.max(20, Math.min(76, Math.floor(pace * LONGEST_S))));
  const cues: Cue[] = [];
  const all = texts.join(' ').length;
  let from = start;
  let done = 0;
  for (const [index, part] of texts.entries()) {
    done += part.length + 1;
    const last = index === texts.length - 1;
    const border = last
      ? { start: end, end }
      : snap(spokenTime(done / all, start, end, pauses), from, end, pauses);
    cues.push({ start: from, end: border.start, text: part });
    from = border.end;
  }
  return cues;
}

/** The moment at which this share of the voice has been heard. */
function spokenTime(share: number, start: number, end: number, pauses: readonly Pause[]): number {
  const silent = pauses.reduce((sum, pause) => sum + pause.end - pause.start, 0);
  let time = start + share * (end - start - silent);
  for (const pause of pauses) if (pause.start <= time) time += pause.end - pause.start;
  return time;
}

/** The pause near `time`, between `from` and `end`; else `time` itself as one without length. */
function snap(time: number, from: number, end: number, pauses: readonly Pause[]): Pause {
  const distance = (pause: Pause) => Math.max(pause.start - time, time - pause.end, 0);
  const near = pauses
    .filter((pause) => distance(pause) <= SNAP_S && pause.start > from + 0.3 && pause.end < end)
    .sort((a, b) => distance(a) - distance(b))[0];
  return near ?? { start: time, end: time };
}
