/** What is needed of an HLS multivariant playlist. Paths are relative to it. */
export interface MasterPlaylist {
  variants: string[];
  audio: string[];
}

export function parseMasterPlaylist(text: string): MasterPlaylist {
  const lines = text.split(/\r?\n/).filter(Boolean);
  if (lines[0] !== '#EXTM3U') throw new Error('The master playlist does not begin with #EXTM3U');
  const media = lines.filter((line) => line.startsWith('#EXT-X-MEDIA:') && line.includes('TYPE=AUDIO'));
  return {
    variants: lines.filter(
      (line, index) => !line.startsWith('#') && lines[index - 1]?.startsWith('#EXT-X-STREAM-INF:'),
    ),
    audio: media.flatMap((line) => /URI="([^"]+)"/.exec(line)?.[1] ?? []),
  };
}
