/** What is needed of an HLS multivariant playlist. Paths are relative to it. */
export interface MasterPlaylist {
  variants: string[];
  audio: string[];
  texts: string[];
  /** Of keyframes alone. */
  iFrames: string[];
}

export function parseMasterPlaylist(text: string): MasterPlaylist {
  const lines = text.split(/\r?\n/).filter(Boolean);
  if (lines[0] !== '#EXTM3U') throw new Error('The master playlist does not begin with #EXTM3U');
  const media = (type: string) =>
    lines
      .filter((line) => line.startsWith(`#EXT-X-MEDIA:TYPE=${type},`))
      .flatMap((line) => /URI="([^"]+)"/.exec(line)?.[1] ?? []);
  return {
    variants: lines.filter(
      (line, index) => !line.startsWith('#') && lines[index - 1]?.startsWith('#EXT-X-STREAM-INF:'),
    ),
    audio: media('AUDIO'),
    texts: media('SUBTITLES'),
    iFrames: lines
      .filter((line) => line.startsWith('#EXT-X-I-FRAME-STREAM-INF:'))
      .flatMap((line) => /URI="([^"]+)"/.exec(line)?.[1] ?? []),
  };
}
