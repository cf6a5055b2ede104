import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ratio } from '../../ffmpeg/probed-file.ts';
import type { IFrames } from './i-frames.ts';
import type { Sound } from './sound.ts';
import type { TextTrack } from './text-track.ts';
import type { Variant } from './variant.ts';

/** Writes the multivariant playlist from what the files are. @returns its name, relative to the package */
export async function writeMaster(
  folder: string,
  variants: readonly Variant[],
  sounds: readonly Sound[],
  texts: readonly TextTrack[],
  keyframes: readonly IFrames[],
): Promise<string> {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'];
  // One sound alone is a variant of its own, in no group.
  const [main] = sounds;
  const isSoundAlone = variants.length === 0;
  const grouped = isSoundAlone && sounds.length === 1 ? [] : sounds;
  for (const sound of grouped) lines.push(`#EXT-X-MEDIA:${audioAttributes(sound).join(',')}`);
  for (const text of texts) lines.push(`#EXT-X-MEDIA:${textAttributes(text).join(',')}`);
  const group = [
    ...(grouped.length > 0 ? ['AUDIO="audio"'] : []),
    ...(texts.length > 0 ? ['SUBTITLES="text"'] : []),
    'CLOSED-CAPTIONS=NONE',
  ];
  if (isSoundAlone && main)
    lines.push(stream([...rates(most(sounds)), `CODECS="${main.variant.codec}"`, ...group], main.variant));
  for (const variant of variants)
    lines.push(stream([...videoAttributes(variant, sounds), ...group], variant));
  for (const each of keyframes) lines.push(`#EXT-X-I-FRAME-STREAM-INF:${iFrameAttributes(each).join(',')}`);
  const name = 'master.m3u8';
  await writeFile(join(folder, name), `${lines.join('\n')}\n`);
  return name;
}

const stream = (attributes: readonly string[], { playlist }: Variant) =>
  `#EXT-X-STREAM-INF:${attributes.join(',')}\n${playlist}`;

const audioAttributes = ({ variant, language, label, main, automatic }: Sound): string[] => [
  'TYPE=AUDIO',
  'GROUP-ID="audio"',
  `NAME="${quoted(label)}"`,
  ...(language ? [`LANGUAGE="${language}"`] : []),
  `DEFAULT=${main ? 'YES' : 'NO'}`,
  `AUTOSELECT=${automatic ? 'YES' : 'NO'}`,
  `CHANNELS="${variant.track.stream.channels ?? 2}"`,
  `URI="${variant.playlist}"`,
];

/** Nobody's language is known, so none is shown unasked; what is forced is left to the player to show. */
const textAttributes = ({ role, language, label, characteristics, playlist }: TextTrack): string[] => [
  'TYPE=SUBTITLES',
  'GROUP-ID="text"',
  `NAME="${quoted(label)}"`,
  ...(language ? [`LANGUAGE="${language}"`] : []),
  'DEFAULT=NO',
  'AUTOSELECT=YES',
  `FORCED=${role === 'forced-subtitle' ? 'YES' : 'NO'}`,
  ...(characteristics.length > 0 ? [`CHARACTERISTICS="${characteristics.join(',')}"`] : []),
  `URI="${playlist}"`,
];

/** A quoted string has no quotes and no line ends (RFC 8216 4.2). */
const quoted = (text: string): string => text.replace(/["\p{Cc}]/gu, "'");

const rates = ({ peak, average }: { peak: number; average: number }): string[] => [
  `BANDWIDTH=${peak}`,
  `AVERAGE-BANDWIDTH=${average}`,
];

/** RFC 8216 4.3.4.2: both bandwidths are those of the video with the dearest audio that may play along. */
function videoAttributes({ track, codec, peak, average }: Variant, sounds: readonly Sound[]): string[] {
  const frameRate = ratio(track.stream.avg_frame_rate);
  const sound = most(sounds);
  const codecs = new Set([codec, ...sounds.map(({ variant }) => variant.codec)]);
  return [
    ...rates({ peak: peak + sound.peak, average: average + sound.average }),
    `CODECS="${[...codecs].join(',')}"`,
    `RESOLUTION=${track.stream.width}x${track.stream.height}`,
    ...(frameRate ? [`FRAME-RATE=${frameRate.toFixed(3)}`] : []),
    // HDR is tone-mapped by the encode: there is no other.
    'VIDEO-RANGE=SDR',
  ];
}

const iFrameAttributes = ({ variant, playlist, peak, average }: IFrames): string[] => [
  ...rates({ peak, average }),
  `CODECS="${variant.codec}"`,
  `RESOLUTION=${variant.track.stream.width}x${variant.track.stream.height}`,
  'VIDEO-RANGE=SDR',
  `URI="${playlist}"`,
];

const most = (sounds: readonly Sound[]) => ({
  peak: Math.max(0, ...sounds.map(({ variant }) => variant.peak)),
  average: Math.max(0, ...sounds.map(({ variant }) => variant.average)),
});
