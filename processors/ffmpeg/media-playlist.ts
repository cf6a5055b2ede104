/** What is needed of an HLS media playlist (RFC 8216) with fMP4 segments. */
export interface MediaPlaylist {
  init: string;
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
  if (!init) throw new Error('The playlist has no EXT-X-MAP');
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
  return { init, segments, target_s: Number(target), ended: lines.includes('#EXT-X-ENDLIST') };
}

/** The same playlist with its last segment lasting until `total_s`, and the target duration that this asks for. */
export function withLastDuration(text: string, total_s: number): string {
  const { segments } = parseMediaPlaylist(text);
  const before = segments.slice(0, -1).reduce((sum, { duration_s }) => sum + duration_s, 0);
  const last = total_s - before;
  if (last <= 0) return text;
  const longest = Math.max(last, ...segments.slice(0, -1).map(({ duration_s }) => duration_s));
  const at = text.lastIndexOf('#EXTINF:');
  const corrected =
    text.slice(0, at) + text.slice(at).replace(/^#EXTINF:[\d.]+/, `#EXTINF:${last.toFixed(6)}`);
  // RFC 8216 4.3.3.1: every EXTINF, rounded, is at most the target duration.
  return corrected.replace(
    /^#EXT-X-TARGETDURATION:\d+/m,
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longest))}`,
  );
}
