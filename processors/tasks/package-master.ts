import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ratio } from '../ffmpeg/probed-file.ts';
import type { Variant } from './package-variant.ts';

/** Writes the multivariant playlist from what the files are. @returns its name, relative to the package */
export async function writeMaster(
  folder: string,
  variants: readonly Variant[],
  audio: Variant | undefined,
  language: string | undefined,
): Promise<string> {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'];
  // Sound alone is a variant of its own, in no group.
  if (audio && variants.length === 0)
    lines.push(`#EXT-X-STREAM-INF:${soundAttributes(audio).join(',')}`, audio.playlist);
  else if (audio) lines.push(`#EXT-X-MEDIA:${audioAttributes(audio, language).join(',')}`);
  for (const variant of variants) {
    lines.push(`#EXT-X-STREAM-INF:${videoAttributes(variant, audio).join(',')}`, variant.playlist);
  }
  const name = 'master.m3u8';
  await writeFile(join(folder, name), `${lines.join('\n')}\n`);
  return name;
}

function audioAttributes({ track, playlist }: Variant, language: string | undefined): string[] {
  // A container's tag may be anything; only what is a language tag (RFC 5646) may enter a quoted attribute.
  const tag = /^[A-Za-z0-9-]{2,35}$/.test(language ?? '') ? language : undefined;
  return [
    'TYPE=AUDIO',
    'GROUP-ID="audio"',
    `NAME="${tag ?? 'audio'}"`,
    ...(tag ? [`LANGUAGE="${tag}"`] : []),
    'DEFAULT=YES',
    'AUTOSELECT=YES',
    `CHANNELS="${track.stream.channels ?? 2}"`,
    `URI="${playlist}"`,
  ];
}

const soundAttributes = ({ peak, average, codec }: Variant): string[] => [
  `BANDWIDTH=${peak}`,
  `AVERAGE-BANDWIDTH=${average}`,
  `CODECS="${codec}"`,
];

/** RFC 8216 4.3.4.2: both bandwidths are those of the video with the audio that plays along. */
function videoAttributes({ track, codec, peak, average }: Variant, audio: Variant | undefined): string[] {
  const frameRate = ratio(track.stream.avg_frame_rate);
  return [
    `BANDWIDTH=${peak + (audio?.peak ?? 0)}`,
    `AVERAGE-BANDWIDTH=${average + (audio?.average ?? 0)}`,
    `CODECS="${audio ? `${codec},${audio.codec}` : codec}"`,
    `RESOLUTION=${track.stream.width}x${track.stream.height}`,
    ...(frameRate ? [`FRAME-RATE=${frameRate.toFixed(3)}`] : []),
    ...(audio ? ['AUDIO="audio"'] : []),
  ];
}
