import { type ProbedStream, probeFile } from '../../ffmpeg/probed-file.ts';
import { TaskError } from '../../task-error.ts';
import type { TaskContext } from '../task-handler.ts';

/** One encoded file and its stream that goes into the package. */
export interface Track {
  /** Its folder in the package. */
  name: string;
  path: string;
  stream: ProbedStream;
}

/** @throws {TaskError} where the file has no such stream: then another attempt at encoding is needed, not at this */
export async function openTrack(
  name: string,
  kind: 'video' | 'audio',
  key: string,
  { objects, workFolder, signal, tools }: TaskContext,
): Promise<Track> {
  const path = await objects.localFile(key, workFolder, signal);
  const { streams } = await probeFile(tools, ['-i', `file:${path}`], { signal });
  const stream = streams.find(({ codec_type }) => codec_type === kind);
  if (stream) return { name, path, stream };
  const message = 'An encoded file lacks the stream that it should have.';
  throw new TaskError({ code: 'stream_missing', message, detail: `${key} has no ${kind}`, retryable: false });
}
