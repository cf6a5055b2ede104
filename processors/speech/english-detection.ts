import type { Utterance } from './speech-engine.ts';

/**
 * Mean natural-log probability per token above which a transcript counts as English. An English model turns other
 * languages into fluent nonsense, but it is unsure of every word or goes round in circles. Measured with
 * Moonshine-tiny (quantized, greedy):
 *
 * | speech | mean per recording, circles counted |
 * |---|---|
 * | English: LibriVox reader; phone announcements, clean and with pink noise | -0.02 to -0.22 |
 * | English: robotic synthetic voices (espeak-ng: American, British, Scottish) | -0.21 to -0.34 |
 * | Spanish, French, Italian, Russian: phone announcements, four together, 10 to 70 s | -0.66 to -2 |
 * | German, Dutch, Portuguese, Swedish, Finnish, Turkish, Hindi, Chinese (espeak-ng) | -1.34 to -2 |
 * | Arabic, Polish, Swahili (espeak-ng) | no text at all |
 *
 * Single announcements of 2 to 10 s: 103 of 106 English ones are above, 2 of 411 others. With 15 tokens or more
 * (about 4 s of speech) 32 of 32 English ones are above and none of 230 others. Not measured: singing, strong
 * foreign accents, several languages in one recording.
 */
export const ENGLISH_ABOVE = -0.4;

/** What an utterance that goes round in circles counts for, per token. The engine is sure of these (-0.3). */
const CIRCLES = -2;
/** Distinct word triples per triple; 0.85 was the lowest of 106 English announcements, 0.15 to 0.6 are circles. */
const DISTINCT_TRIPLES = 0.7;

export interface Confidence {
  tokens: number;
  /** Mean log probability per token; 0 without any. */
  mean: number;
}

/** How sure the English engine was of what it heard, over all utterances with text. */
export function confidenceOf(utterances: Iterable<Utterance>): Confidence {
  let tokens = 0;
  let sum = 0;
  for (const { text, tokens: count, log_probability } of utterances) {
    if (text === '') continue;
    // One more: the decision to end is the model's too.
    tokens += count + 1;
    sum += goesInCircles(text) ? CIRCLES * (count + 1) : log_probability;
  }
  return { tokens, mean: tokens === 0 ? 0 : sum / tokens };
}

/** Whether a text mostly repeats itself, as a speech model does on what it does not understand. */
export function goesInCircles(text: string): boolean {
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
  if (words.length < 8) return false;
  const triples = words.slice(2).map((_, index) => words.slice(index, index + 3).join(' '));
  return new Set(triples).size / triples.length < DISTINCT_TRIPLES;
}
