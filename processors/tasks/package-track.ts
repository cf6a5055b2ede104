import { type ProbedStream, probeFile, streamDuration } from '../ffmpeg/probed-file.ts';
import { probeLines } from '../ffmpeg/run-ffprobe.ts';
import { type TaskContext, TaskError } from './task-handler.ts';

/** One encoded file and its stream that goes into the package. */
export interface Track {
  /** Its folder in the package. */
  name: string;
  path: string;
  stream: ProbedStream;
  /** Seconds from the first frame shown to the end of the last one. */
  shown_s: number;
}

/** @throws {TaskError} where the file has no such stream: then another attempt at encoding is needed, not at this */
export async function openTrack(
  name: string,
  kind: 'video' | 'audio',
  key: string,
  context: TaskContext,
): Promise<Track> {
  const { objects, workFolder, signal, tools } = context;
  const path = await objects.localFile(key, workFolder, signal);
  const { streams } = await probeFile(tools, ['-i', `file:${path}`], { signal });
  const stream = streams.find(({ codec_type }) => codec_type === kind);
  if (stream)
    return { name, path, stream, shown_s: (await endOf(path, stream, context)) - (stream.start_time ?? 0) };
  const message = 'An encoded file lacks the stream that it should have.';
  throw new TaskError({ code: 'stream_missing', message, detail: `${key} has no ${kind}`, retryable: false });
}

/** Longer than a GOP: the packets of the last seconds are enough to find the one shown last. */
const TAIL_S = 10;

/** MP4's own duration counts decoding times, which end before the frames are shown where the frame rate varies. */
async function endOf(path: string, stream: ProbedStream, { tools, signal }: TaskContext): Promise<number> {
  const from = Math.max(0, (streamDuration(stream) ?? 0) - TAIL_S);
  const entries = [
    '-select_streams',
    String(stream.index),
    '-show_entries',
    'packet=pts_time,duration_time',
    '-of',
    'csv=p=0',
  ];
  const args = ['-read_intervals', `${from.toFixed(3)}%+${TAIL_S * 100}`, ...entries, '-i', `file:${path}`];
  let end = 0;
  for await (const line of probeLines(tools, args, { signal })) {
    const [pts = Number.NaN, duration = 0] = line.split(',').map(Number);
    if (Number.isFinite(pts)) end = Math.max(end, pts + (Number.isFinite(duration) ? duration : 0));
  }
  return end;
}
