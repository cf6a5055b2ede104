import { OWN_CLOCK, sampleDurations } from './sample-durations.ts';

/** One chunk of a rendition on this machine. */
export interface ChunkFile {
  path: string;
  /** On the clock of the whole video. */
  first_s: number;
}

/**
 * The list that ffmpeg's `concat` reads. Each chunk lasts until the next one begins, so that every frame gets the time it
 * had: both are told to the microsecond, which is finer than a tick of the encoder's clock.
 */
export function concatList(chunks: readonly ChunkFile[]): string {
  const micro = (seconds: number) => Math.round(seconds * 1e6);
  const lines = chunks.flatMap(({ path, first_s }, index) => {
    const next = chunks[index + 1];
    const file = `file '${path.replaceAll("'", String.raw`'\''`)}'`;
    if (!next) return [file];
    return [file, `duration ${((micro(next.first_s) - micro(first_s)) / 1e6).toFixed(6)}`];
  });
  return `${['ffconcat version 1.0', ...lines].join('\n')}\n`;
}

/**
 * Arguments that join the chunks of a rendition and add the audio, without encoding. Where frames are shown at varying
 * distances, the decoding times of two chunks may overlap by a few frames: they are moved up by as little as orders them.
 * The chunks have one decoder configuration, so no packet is rewritten.
 */
export function planStitch({
  list,
  first_s,
  end_s,
  audio,
  language,
  output,
}: {
  list: string;
  first_s: number;
  /** When the last picture has been shown. */
  end_s: number | undefined;
  audio: string | undefined;
  language: string | undefined;
  output: string;
}): string[] {
  // biome-ignore format: an option and its value belong on one line
  return [
    ...OWN_CLOCK, '-protocol_whitelist', 'file', '-f', 'concat', '-safe', '0', '-auto_convert', '0', '-itsoffset', first_s.toFixed(6), '-i', `file:${list}`,
    ...(audio ? ['-protocol_whitelist', 'file', '-i', `file:${audio}`] : []),
    '-map', '0:v:0', ...(audio ? ['-map', '1:a:0'] : []), '-c', 'copy',
    '-bsf:v', sampleDurations(end_s, String.raw`max(DTS\,PREV_OUTDTS+1)`),
    '-map_metadata', '-1', '-map_chapters', '-1',
    ...(audio && language ? ['-metadata:s:a:0', `language=${language}`] : []),
    '-movflags', '+faststart', '-f', 'mp4', output,
  ];
}
