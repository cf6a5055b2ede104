import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findMediaTools } from '@transcodeflow/processors/ffmpeg/find-media-tools.ts';
import { quartersOf } from './quarters.ts';

const run = promisify(execFile);

// biome-ignore lint/suspicious/noExplicitAny: ffprobe's JSON, looked into field by field
type Json = any;

export interface Seen {
  video: Json;
  audio: Json;
  duration_s: number;
  /** When each picture is shown, in seconds. */
  shown: number[];
  /** Mean colours of the first picture's quarters, as `#rrggbb`: top left, top right, bottom left, bottom right. */
  quarters: string[];
  /** Share of the pictures that idet takes for woven fields; 0 where nobody asked. */
  combed: number;
}

/** What a player would make of one of our files. */
export async function lookAt(file: string, { fields }: { fields: boolean }): Promise<Seen> {
  const { ffprobe } = await findMediaTools();
  const entries = ['-show_streams', '-show_format', '-show_entries', 'packet=stream_index,pts_time'];
  const { stdout } = await run(ffprobe, ['-v', 'error', '-of', 'json', ...entries, '-show_packets', file]);
  const { streams, format, packets }: Json = JSON.parse(stdout);
  const of = (type: string) => streams.find((stream: Json) => stream.codec_type === type);
  const video = of('video');
  return {
    video,
    audio: of('audio'),
    duration_s: Number(format.duration),
    shown: packets
      .filter((packet: Json) => packet.stream_index === video.index)
      .map((packet: Json) => Number(packet.pts_time))
      .sort((a: number, b: number) => a - b),
    quarters: await quartersOf(file),
    combed: fields ? await combedShare(file) : 0,
  };
}

async function combedShare(file: string): Promise<number> {
  const { ffmpeg } = await findMediaTools();
  const { stderr } = await run(ffmpeg, ['-nostdin', '-i', file, '-vf', 'idet', '-an', '-f', 'null', '-']);
  // Each time the filter was set up anew it reports, first of all for nothing.
  const reports = stderr.matchAll(/Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+)/g);
  let [woven, all] = [0, 0];
  for (const [, top, bottom, progressive] of reports) {
    woven += Number(top) + Number(bottom);
    all += Number(top) + Number(bottom) + Number(progressive);
  }
  if (all === 0) throw new Error(`idet could not tell of a single picture of ${file}`);
  return woven / all;
}
