import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Profile } from '@transcodeflow/shared/contracts/rest/profiles.ts';
import type { AudioEncoding } from '@transcodeflow/shared/contracts/tasks.ts';

const LEAST_BITRATE = 32_000;

/** The default track, or the first; stereo at most, and no more bits than the source had. */
export function planAudio(
  media: MediaInfo,
  profile: Profile['audio'],
  { loudness }: EncodingOptions,
): AudioEncoding | undefined {
  const stream = media.audio.find((audio) => audio.default) ?? media.audio[0];
  if (!stream) return undefined;
  const channels = Math.min(2, stream.channels);
  const wanted = channels === 1 ? profile.bitrate / 2 : profile.bitrate;
  return {
    stream_index: stream.index,
    codec: profile.codec,
    bitrate: Math.round(Math.max(LEAST_BITRATE, Math.min(wanted, stream.bitrate ?? wanted))),
    channels,
    ...(stream.language ? { language: stream.language } : {}),
    ...(loudness ? { loudness } : {}),
  };
}
