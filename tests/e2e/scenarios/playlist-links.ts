/** Absolute URLs of everything that an HLS playlist names. */
export const playlistLinks = (playlist: string, base: string): string[] =>
  playlist
    .split(/\r?\n/)
    .flatMap((line) =>
      line.startsWith('#') ? (/URI="([^"]+)"/.exec(line)?.slice(1) ?? []) : line.trim() || [],
    )
    .map((link) => new URL(link, base).href);
