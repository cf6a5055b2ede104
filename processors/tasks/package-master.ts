import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { aacCodecString, avcCodecString } from '../ffmpeg/codec-string.ts';
import { probeFile, ratio } from '../ffmpeg/probed-file.ts';
import type { Variant } from './package-variant.ts';
import type { TaskContext } from './task-handler.ts';

interface Package {
  folder: string;
  spec: SpecOf<'package'>;
  variants: readonly Variant[];
  audio: Variant | undefined;
  inputs: readonly string[];
  audioInput: string | undefined;
}

/** Writes the multivariant playlist from what the files are. @returns its name, relative to the package */
export async function writeMaster(
  { folder, spec, variants, audio, inputs, audioInput }: Package,
  context: TaskContext,
): Promise<string> {
  const probe = (path: string) =>
    probeFile(context.tools, ['-i', `file:${path}`], { signal: context.signal });
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'];
  let audioCodec: string | undefined;
  if (audio && audioInput) {
    const stream = (await probe(audioInput)).streams.find(({ codec_type }) => codec_type === 'audio');
    audioCodec = aacCodecString(stream?.profile);
    const language = spec.audio?.language;
    const attributes = [
      'TYPE=AUDIO',
      'GROUP-ID="audio"',
      `NAME="${language ?? 'audio'}"`,
      ...(language ? [`LANGUAGE="${language}"`] : []),
    ];
    attributes.push(
      'DEFAULT=YES',
      'AUTOSELECT=YES',
      `CHANNELS="${stream?.channels ?? 2}"`,
      `URI="${audio.playlist}"`,
    );
    lines.push(`#EXT-X-MEDIA:${attributes.join(',')}`);
  }
  for (const [index, variant] of variants.entries()) {
    const rendition = spec.renditions[index];
    const input = inputs[index];
    if (!rendition || !input) continue;
    const stream = (await probe(input)).streams.find(({ codec_type }) => codec_type === 'video');
    const codecs = [
      avcCodecString(await readFile(join(folder, variant.name, variant.init))),
      ...(audioCodec ? [audioCodec] : []),
    ];
    const frameRate = ratio(stream?.avg_frame_rate);
    const attributes = [
      // RFC 8216 4.3.4.2: both are of the variant with the largest rendition of its audio group.
      `BANDWIDTH=${variant.peak + (audio?.peak ?? 0)}`,
      `AVERAGE-BANDWIDTH=${variant.average + (audio?.average ?? 0)}`,
      `CODECS="${codecs.join(',')}"`,
      `RESOLUTION=${rendition.width}x${rendition.height}`,
      ...(frameRate ? [`FRAME-RATE=${frameRate.toFixed(3)}`] : []),
      ...(audio ? ['AUDIO="audio"'] : []),
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, variant.playlist);
  }
  await writeFile(join(folder, 'master.m3u8'), `${lines.join('\n')}\n`);
  return 'master.m3u8';
}
