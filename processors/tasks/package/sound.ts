import { languageCode, languageName } from '@transcodeflow/shared/language-code.ts';
import type { Variant } from './variant.ts';

/** One of the sounds that a viewer may choose. */
export interface Sound {
  variant: Variant;
  /** BCP 47, as short as it can be; absent where the source does not say. */
  language?: string;
  /** For menus; no two sounds have the same. */
  label: string;
  /** Played where the viewer chose nothing. */
  main: boolean;
  /** May be chosen by the viewer's language: the first one of each. */
  automatic: boolean;
}

/** What the container says of a track: anything, of which only a language and a plain text may enter a manifest. */
export interface Tagged {
  variant: Variant;
  language?: string | undefined;
  title?: string | undefined;
}

/** @param tracks the default one first */
export function asSounds(tracks: readonly Tagged[]): Sound[] {
  const labels = new Set<string>();
  const languages = new Set<string | undefined>();
  return tracks.map(({ variant, language: tag, title }, index) => {
    const language = languageCode(tag);
    const named = language ? languageName(language) : 'audio';
    const full = title ? `${named} (${title})` : named;
    const label = labels.has(full) ? `${full} ${index + 1}` : full;
    const automatic = !languages.has(language);
    labels.add(label);
    languages.add(language);
    return { variant, ...(language && { language }), label, main: index === 0, automatic };
  });
}
