import type { Pause } from './speech-engine.ts';
import type { Part } from './voiced-parts.ts';

/** A silence this close to a border of whisper's is the one that it heard. */
const SNAP_S = 0.6;
/** Whisper ended a sentence up to 1.2 s before the voice did (base model, on the sample). */
const EARLY_S = 1.5;
/** Less than a word. */
const SHORTEST_S = 0.1;

interface Spoken extends Part {
  pauses: Pause[];
}

/** All silences of a recording, from before its first voice to after its last. */
export function silencesOf(voices: readonly (Part & { pauses: readonly Pause[] })[]): Pause[] {
  const silences: Pause[] = [];
  let from = Number.NEGATIVE_INFINITY;
  for (const { start, end, pauses } of voices) {
    silences.push({ start: from, end: start }, ...pauses);
    from = end;
  }
  return [...silences, { start: from, end: Number.POSITIVE_INFINITY }];
}

/**
 * When what whisper heard from `start` to `end` was really spoken: its borders move into silences near them.
 * @param next when what follows begins
 * @returns undefined where nobody speaks then: whisper made it up
 */
export function spokenAt(
  { start, end }: Part,
  silences: readonly Pause[],
  next = Number.POSITIVE_INFINITY,
): Spoken | undefined {
  const from = nearest(start, silences)?.end ?? start;
  const to = (nearest(end, silences) ?? soonAfter(end, silences, next))?.start ?? end;
  if (to - from < SHORTEST_S) return undefined;
  return { start: from, end: to, pauses: silences.filter((pause) => pause.start > from && pause.end < to) };
}

const soonAfter = (time: number, silences: readonly Pause[], next: number): Pause | undefined =>
  silences.find(({ start }) => start > time && start <= Math.min(time + EARLY_S, next));

function nearest(time: number, silences: readonly Pause[]): Pause | undefined {
  const distance = (pause: Pause) => Math.max(pause.start - time, time - pause.end, 0);
  return silences.filter((pause) => distance(pause) <= SNAP_S).sort((a, b) => distance(a) - distance(b))[0];
}
