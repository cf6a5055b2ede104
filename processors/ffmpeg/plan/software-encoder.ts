import type { VideoCodec } from '@transcodeflow/shared/contracts/rendition.ts';

/** Best first. */
const ENCODERS: Readonly<Record<VideoCodec, readonly [string, ...string[]]>> = {
  h264: ['libx264'],
  hevc: ['libx265'],
  av1: ['libsvtav1', 'libaom-av1'],
};

/** The encoder of a codec in an ffmpeg with these encoders; undefined where it has none. */
export function softwareEncoder(
  codec: VideoCodec,
  encoders: ReadonlySet<string> | undefined,
): string | undefined {
  const known = ENCODERS[codec];
  return encoders ? known.find((name) => encoders.has(name)) : known[0];
}

/** All that could do it, to be named where none is there. */
export const encodersOf = (codec: VideoCodec): readonly string[] => ENCODERS[codec];
