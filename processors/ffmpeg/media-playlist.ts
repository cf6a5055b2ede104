/** What is needed of an HLS media playlist (RFC 8216). */
export interface MediaPlaylist {
  /** Absent where the segments need none (WebVTT). */
  init?: string;
  segments: { uri: string; duration_s: number }[];
  target_s: number;
  /** `#EXT-X-ENDLIST` is there: nothing will be added. */
  ended: boolean;
}

/** @throws Error naming what is missing from it */
export function parseMediaPlaylist(text: string): MediaPlaylist {
  const lines = text.split(/\r?\n/).filter(Boolean);
  if (lines[0] !== '#EXTM3U') throw new Error('The playlist does not begin with #EXTM3U');
  const init = /^#EXT-X-MAP:.*URI="([^"]+)"/m.exec(text)?.[1];
  const target = /^#EXT-X-TARGETDURATION:(\d+)/m.exec(text)?.[1];
  if (!target) throw new Error('The playlist has no EXT-X-TARGETDURATION');
  const segments: MediaPlaylist['segments'] = [];
  let duration_s: number | undefined;
  for (const line of lines) {
    if (line.startsWith('#EXTINF:')) duration_s = Number.parseFloat(line.slice('#EXTINF:'.length));
    if (line.startsWith('#')) continue;
    if (duration_s === undefined) throw new Error(`The segment ${line} has no EXTINF`);
    segments.push({ uri: line, duration_s });
    duration_s = undefined;
  }
  if (segments.length === 0) throw new Error('The playlist has no segments');
  const ended = lines.includes('#EXT-X-ENDLIST');
  return { ...(init && { init }), segments, target_s: Number(target), ended };
}

/** RFC 8216 4.3.3.1: every duration, rounded to the nearest second, is at most the target; and it is no zero. */
export const targetDuration = (segments: MediaPlaylist['segments']): number =>
  Math.max(1, ...segments.map(({ duration_s }) => Math.round(duration_s)));

/** Version 7 is fMP4's own (`EXT-X-MAP` without I-frames only, 6); everything is there, and nothing will be added. */
export const opening = (target_s: number): string[] => [
  '#EXTM3U',
  '#EXT-X-VERSION:7',
  `#EXT-X-TARGETDURATION:${target_s}`,
  '#EXT-X-MEDIA-SEQUENCE:1',
  '#EXT-X-PLAYLIST-TYPE:VOD',
];

export function formatMediaPlaylist({ init, segments, target_s }: Omit<MediaPlaylist, 'ended'>): string {
  const lines = [
    ...opening(target_s),
    ...(init ? ['#EXT-X-INDEPENDENT-SEGMENTS', `#EXT-X-MAP:URI="${init}"`] : []),
    ...segments.flatMap(({ uri, duration_s }) => [`#EXTINF:${duration_s.toFixed(6)},`, uri]),
    '#EXT-X-ENDLIST',
  ];
  return `${lines.join('\n')}\n`;
}
