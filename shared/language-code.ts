/** Codes that ISO 639 has for "no particular language". */
const NONE = new Set(['und', 'mul', 'mis', 'zxx', 'unk']);

/** `eng`, `en-GB`, `EN` → `en`; `ger` → `de`. Undefined where the code names no language. */
export function languageCode(code: string | undefined): string | undefined {
  if (!code) return undefined;
  try {
    const { language } = new Intl.Locale(BIBLIOGRAPHIC[code.toLowerCase()] ?? code.replaceAll('_', '-'));
    return NONE.has(language) ? undefined : language;
  } catch {
    return undefined;
  }
}

/** `de` → `German`. */
export function languageName(code: string): string {
  return new Intl.DisplayNames('en', { type: 'language' }).of(code) ?? code;
}

/** ISO 639-2/B codes, which Matroska and MPEG-TS use and BCP 47 (hence Intl) does not know. */
const BIBLIOGRAPHIC: Record<string, string> = {
  alb: 'sq',
  arm: 'hy',
  baq: 'eu',
  bur: 'my',
  chi: 'zh',
  cze: 'cs',
  dut: 'nl',
  fre: 'fr',
  geo: 'ka',
  ger: 'de',
  gre: 'el',
  ice: 'is',
  mac: 'mk',
  mao: 'mi',
  may: 'ms',
  per: 'fa',
  rum: 'ro',
  slo: 'sk',
  tib: 'bo',
  wel: 'cy',
};
