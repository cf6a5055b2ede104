import { languageCode } from '@transcodeflow/shared/language-code.ts';

/** Languages that whisper knows by another code than Intl. */
const OTHERS: Record<string, string> = { jv: 'jw', nb: 'no', fil: 'tl' };

/** `nb` → `no`; what is not in whisper's list is for whisper to refuse. */
export const toWhisper = (code: string): string => OTHERS[code] ?? code;

/** `jw` → `jv`. */
export const fromWhisper = (code: string): string => languageCode(code) ?? code;
