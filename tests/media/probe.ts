import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findMediaTools } from '@transcodeflow/processors/ffmpeg/find-media-tools.ts';

const run = promisify(execFile);

/** Of ffprobe's description, what tests look at. */
export interface Stream {
  codec_type: string;
  codec_name: string;
  codec_tag_string?: string;
  width?: number;
  height?: number;
  has_b_frames?: number;
  channels?: number;
}

export interface Probed {
  video: Stream | undefined;
  audio: Stream | undefined;
}

/** What ffprobe says of a file. */
export async function probe(file: string): Promise<Probed> {
  const { ffprobe } = await findMediaTools();
  const { stdout } = await run(ffprobe, ['-v', 'error', '-show_streams', '-of', 'json', file]);
  const { streams }: { streams: Stream[] } = JSON.parse(stdout);
  const of = (type: string) => streams.find(({ codec_type }) => codec_type === type);
  return { video: of('video'), audio: of('audio') };
}

/** The average colour of a picture, as [red, green, blue]. */
export async function averageColour(file: string): Promise<number[]> {
  const { ffmpeg } = await findMediaTools();
  const shrink = ['-vf', 'scale=1:1:flags=area', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'];
  const { stdout } = await run(ffmpeg, ['-v', 'error', '-i', file, '-frames:v', '1', ...shrink], {
    encoding: 'buffer',
  });
  return [...stdout];
}

/** Integrated loudness in LUFS (EBU R128), by another filter than the one that normalises. */
export async function loudnessOf(file: string): Promise<number> {
  const { ffmpeg } = await findMediaTools();
  const { stderr } = await run(ffmpeg, ['-hide_banner', '-i', file, '-af', 'ebur128', '-f', 'null', '-']);
  return Number(/Summary:[\s\S]*?I:\s+(-?[\d.]+) LUFS/.exec(stderr)?.[1]);
}
