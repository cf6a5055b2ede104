import { parse } from 'content-disposition';
import { cleanFilename } from '../uploads/clean-filename.ts';

/** What the file at a URL is called: by the server's word, else by the path; for display only. */
export function urlFilename(url: URL, disposition: string | string[] | undefined): string {
  const named = typeof disposition === 'string' ? parse(disposition).parameters.filename : undefined;
  return cleanFilename(named ?? decoded(url.pathname.split('/').at(-1) ?? ''));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
