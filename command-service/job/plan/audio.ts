import type { AudioEncoding } from '@transcodeflow/shared/contracts/audio-encoding.ts';
import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import type { AudioStream, MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import type { Profile } from '@transcodeflow/shared/contracts/rest/profiles.ts';
import { languageCode, languageName } from '@transcodeflow/shared/language-code.ts';
import { trackName } from './track-name.ts';

const LEAST_BITRATE = 32_000;

type PlannedAudio = Pick<Plan, 'audio' | 'audio_alternates' | 'skipped'>;

/**
 * The default track, or the first; and the others that are wanted, each encoded once. Stereo at most, and no more bits
 * than the source had. Of languages asked for the first that there is becomes the default; where there is none of them,
 * the source's default is better than silence.
 */
export function planAudio(
  media: MediaInfo,
  profile: Profile['audio'],
  options: EncodingOptions,
): PlannedAudio {
  const [main, ...others] = chosen(media.audio, profile, options);
  const skipped = missing(media, options);
  if (!main) return { skipped: [{ output: 'audio', reason: 'The source has no audio' }, ...skipped] };
  const names = new Set([trackName(main.language, new Set())]);
  const audio_alternates = others.map((stream) => {
    const name = trackName(stream.language, names);
    names.add(name);
    return { name, ...encoding(stream, profile, options), ...(stream.title ? { title: stream.title } : {}) };
  });
  return {
    audio: encoding(main, profile, options),
    ...(others.length > 0 ? { audio_alternates } : {}),
    skipped,
  };
}

/** In the order of the tracks: the default one first. */
function chosen(
  streams: readonly AudioStream[],
  { languages }: Profile['audio'],
  { audio_languages: wanted }: EncodingOptions,
): AudioStream[] {
  const main = streams.find((audio) => audio.default) ?? streams[0];
  if (!main) return [];
  const mainFirst = [main, ...streams.filter((stream) => stream !== main)];
  if (wanted === 'all') return mainFirst;
  if (wanted) {
    const asked = wanted.flatMap((code) => mainFirst.filter((stream) => isOf(stream.language, code)));
    return asked.length > 0 ? asked : [main];
  }
  if (languages !== 'tagged') return [main];
  const seen = new Set<string | undefined>([undefined, languageCode(main.language)]);
  return mainFirst.filter((stream) => {
    const code = languageCode(stream.language);
    const isFirst = !seen.has(code);
    seen.add(code);
    return stream === main || isFirst;
  });
}

const isOf = (tag: string | undefined, code: string): boolean =>
  languageCode(tag) !== undefined && languageCode(tag) === languageCode(code);

/** Languages asked for of which there is no track that can be decoded; and such tracks where all are wanted. */
function missing(
  { audio, undecodable_audio: mute = [] }: MediaInfo,
  { audio_languages: wanted }: EncodingOptions,
): Plan['skipped'] {
  if (wanted === undefined) return [];
  if (wanted === 'all')
    return mute.map(({ index, language, reason }) => ({
      output: `audio-${languageCode(language) ?? 'und'}-stream-${index}`,
      reason: `The sound of stream ${index} cannot be used: ${reason}`,
    }));
  return wanted
    .filter((code) => !audio.some(({ language }) => isOf(language, code)))
    .map((code) => {
      const broken = mute.find(({ language }) => isOf(language, code));
      const language = languageCode(code) ?? code;
      const reason = broken
        ? `The sound in ${languageName(language)} cannot be used: ${broken.reason}`
        : `The source has no sound that is tagged as ${languageName(language)}`;
      return { output: `audio-${language}`, reason };
    });
}

function encoding(
  stream: AudioStream,
  profile: Profile['audio'],
  { loudness }: EncodingOptions,
): AudioEncoding {
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
