/**
 * Container formats that uploads may have. Left out on purpose are those that name other files or addresses (hls,
 * dash, concat, image2, sdp, imf, vobsub, avisynth, ffmetadata …): a playlist dressed as .mp4 must read nothing else. Of
 * those that are left, only QuickTime's can name other files, and follows them only with `-enable_drefs`; AVI's embedded
 * subtitles (GAB2) may be srt or ass alone. Nothing of a source's text comes into a filter graph.
 * Raw streams (h264, mjpeg …) are out too: they carry no time stamps. Audio-only formats are in, so that inspection can say "no video" instead of "cannot be read".
 */
// biome-ignore format: an option and its value belong on one line
const DEMUXERS = [
  'mov',
  'matroska',
  'avi',
  'flv',
  'live_flv',
  'mpegts',
  'mpeg',
  'ivf',
  'asf',
  'ogg',
  'rm',
  'mxf',
  'gxf',
  'nut',
  'dv',
  'wtv',
  'gif',
  'yuv4mpegpipe',
  'nsv',
  'mp3',
  'flac',
  'wav',
  'aac',
  'aiff',
  'ac3',
  'caf',
  'amr',
  'ape',
];

/** Pictures that a client may bring along as a thumbnail. */
const PICTURE_DEMUXERS = ['jpeg_pipe', 'png_pipe', 'apng', 'webp_pipe', 'gif', 'mjpeg'];

/** 16384 x 8192: above 8K video (7680x4320) and its 360-degree relatives, some 200 MB as one decoded frame. */
export const MAX_PIXELS = 134_217_728;

/** What `openSource` answers where a source is not on this machine; no path begins like this. */
const isServed = (place: string) => place.startsWith('http://127.0.0.1:');

/**
 * No other protocols than the place needs, and for a served one: no proxy that this machine may have for other addresses,
 * and small segments, with which the kernel takes 0.9 MB of what follows a seek, not 3.9 (measured).
 */
// biome-ignore format: an option and its value belong on one line
const protocols = (place: string) =>
  isServed(place)
    ? [
        '-protocol_whitelist', 'http,tcp', '-seekable', '1', '-http_proxy', '',
        '-recv_buffer_size', '65536', '-tcp_mss', '1400',
      ]
    : ['-protocol_whitelist', 'file,pipe'];

// biome-ignore format: an option and its value belong on one line
const options = (place: string, demuxers: readonly string[]) => [
  ...protocols(place), '-format_whitelist', demuxers.join(','),
];

/** `file:` keeps a path from being taken for another protocol. */
const input = (place: string) => ['-i', isServed(place) ? place : `file:${place}`];

/** ffmpeg arguments for reading an upload, at a path or where `openSource` serves it. */
export function untrustedInput(place: string, before: readonly string[] = []): string[] {
  return [...options(place, DEMUXERS), '-max_pixels', String(MAX_PIXELS), ...before, ...input(place)];
}

/** The same for ffprobe, which takes one input. */
export function untrustedProbe(place: string): string[] {
  return [...options(place, DEMUXERS), ...input(place)];
}

/** A picture on stdin: without a file name, ffmpeg decides by content and cannot take `%d` for a sequence. */
export function untrustedPicture(): string[] {
  return [...options('', PICTURE_DEMUXERS), '-i', 'pipe:0'];
}
