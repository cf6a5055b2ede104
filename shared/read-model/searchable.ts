/** As texts are compared: without case, and however accents were composed. Control characters become spaces. */
export const searchable = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Cc}/gu, ' ');

/** PostgreSQL's B-trees hold at most some 2700 bytes per row; four bytes per character at most. */
const MOST_CHARACTERS = 200;

/** By what file names are sorted. */
export const sortName = (filename: string): string =>
  [...searchable(filename)].slice(0, MOST_CHARACTERS).join('');
