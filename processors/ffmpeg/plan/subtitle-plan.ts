import { untrustedInput } from '../untrusted-input.ts';

export const subtitleFile = (name: string): string => `${name}.vtt`;

/** ffmpeg's arguments to turn text subtitles of an upload into WebVTT: the file is read once for all of them. */
export function planSubtitles(
  path: string,
  streams: readonly { name: string; stream_index: number }[],
): string[] {
  const outputs = streams.flatMap(({ name, stream_index }) => [
    ...['-map', `0:${stream_index}`, '-c:s', 'webvtt', '-f', 'webvtt', subtitleFile(name)],
  ]);
  return [...untrustedInput(path), ...outputs];
}
