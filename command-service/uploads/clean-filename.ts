const LONGEST = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const UNWANTED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The name without folders, control and direction characters, for display only: no path is ever made of it. */
export function cleanFilename(name: string): string {
  const base = name.split(/[\\/]/).at(-1) ?? '';
  const short = base.replace(UNWANTED, '').trim().slice(0, LONGEST);
  // Half of a pair of surrogates, where the cut went through it, is no text to a database.
  const clean = short.replace(/[\ud800-\udbff]$/, '').toWellFormed();
  return clean === '' || clean === '.' || clean === '..' ? 'video' : clean;
}
