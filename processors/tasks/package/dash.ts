import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatManifest, type Representation } from '../../ffmpeg/dash-manifest.ts';
import { ratio } from '../../ffmpeg/probed-file.ts';
import type { Sound } from './sound.ts';
import type { TextTrack } from './text-track.ts';
import type { Variant } from './variant.ts';

/** Writes the DASH manifest over the segments that HLS has. @returns its name, relative to the package */
export async function writeManifest(
  folder: string,
  videos: readonly Variant[],
  sounds: readonly Sound[],
  texts: readonly TextTrack[],
): Promise<string> {
  const manifest = formatManifest({
    videos: videos.map((variant) => {
      const { width = 0, height = 0, avg_frame_rate } = variant.track.stream;
      const rate = ratio(avg_frame_rate) ? avg_frame_rate?.replace(/\/1$/, '') : undefined;
      return { ...representation(variant), width, height, ...(rate && { frame_rate: rate }) };
    }),
    sounds: sounds.map(({ variant, language, label, main }) => ({
      ...representation(variant),
      ...(language && { language }),
      label,
      channels: variant.track.stream.channels ?? 2,
      sampling_rate: variant.track.stream.sample_rate ?? 48_000,
      main,
    })),
    texts: texts.map(({ name, file, language, label, role, size_bytes }) => ({
      ...{ id: name, file, label, role, bandwidth: Math.ceil((size_bytes * 8) / lengthOf(sounds, videos)) },
      ...(language && { language }),
    })),
  });
  const name = 'manifest.mpd';
  await writeFile(join(folder, name), manifest);
  return name;
}

/** Seconds. */
const lengthOf = (sounds: readonly Sound[], videos: readonly Variant[]): number =>
  Math.max(
    1,
    ...[...videos, ...sounds.map(({ variant }) => variant)].map(({ segments }) =>
      segments.reduce((total, { duration_s }) => total + duration_s, 0),
    ),
  );

const representation = ({ track, codec, peak, timescale, start, segments }: Variant): Representation => ({
  id: track.name,
  codecs: codec,
  bandwidth: peak,
  timescale,
  start,
  ticks: segments.map(({ ticks }) => ticks),
});
