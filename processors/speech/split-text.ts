/** Two lines of about 38 characters: what broadcasters take as readable at a glance. */
const LONGEST = 76;
/** A sentence shorter than this shares its cue with the next one. */
const SHORTEST = 24;

const SENTENCE_END = /(?<=[.?!…]["')\]]?)\s+/u;
const TITLE = /(?:^|\s)(?:mr|mrs|ms|dr|st|prof|vs|no)\.$/i;
const CLAUSE_END = /[,;:–—]["')\]]?$/u;

/**
 * Cuts what was said in one go into texts for cues: at sentences where it can, then at commas, else between
 * words. Joined with spaces they are the text again.
 * @param most characters of a cue, less where the speaker is slow
 */
export function splitText(text: string, most = LONGEST): string[] {
  const parts = joinShort(sentences(text), most);
  return parts.flatMap((part) => splitSentence(part, most));
}

function sentences(text: string): string[] {
  const found: string[] = [];
  for (const part of text.trim().split(SENTENCE_END)) {
    const last = found.at(-1);
    if (last !== undefined && TITLE.test(last)) found[found.length - 1] = `${last} ${part}`;
    else if (part) found.push(part);
  }
  return found;
}

function joinShort(parts: readonly string[], most: number): string[] {
  const joined: string[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const fits = last !== undefined && last.length + 1 + part.length <= most;
    if (fits && Math.min(last.length, part.length) < SHORTEST) joined[joined.length - 1] = `${last} ${part}`;
    else joined.push(part);
  }
  return joined;
}

/** Even parts rather than one full and one with a single word. */
function splitSentence(sentence: string, most: number): string[] {
  if (sentence.length <= most) return [sentence];
  const aim = sentence.length / Math.ceil(sentence.length / most);
  const words = sentence.split(/\s+/);
  let best = 1;
  let bestScore = Number.POSITIVE_INFINITY;
  let length = -1;
  for (const [index, word] of words.slice(0, -1).entries()) {
    length += word.length + 1;
    if (length > most && index > 0) break;
    const score = Math.abs(length - aim) - (CLAUSE_END.test(word) ? aim / 3 : 0);
    if (score >= bestScore) continue;
    bestScore = score;
    best = index + 1;
  }
  // One endless word cannot be cut.
  if (best >= words.length) return [sentence];
  return [words.slice(0, best).join(' '), ...splitSentence(words.slice(best).join(' '), most)];
}
