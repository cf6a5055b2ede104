import { languageCode } from '@transcodeflow/shared/language-code.ts';

/**
 * What the file and the folder of a sound are called: `audio-de`, `audio-de-2` for the second of a language, `audio-und`
 * where the source names none. @param taken by tracks before
 */
export function trackName(tag: string | undefined, taken: ReadonlySet<string>): string {
  const stem = `audio-${languageCode(tag) ?? 'und'}`;
  let name = stem;
  for (let number = 2; taken.has(name); number += 1) name = `${stem}-${number}`;
  return name;
}
