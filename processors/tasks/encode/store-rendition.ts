import { join } from 'node:path';
import type { EncodedRendition } from '@transcodeflow/shared/contracts/task-results.ts';
import { renditionFile } from '../../ffmpeg/plan/encode-plan.ts';
import { probeFile } from '../../ffmpeg/probed-file.ts';
import { TaskError } from '../../task-error.ts';
import { storeFile } from '../store-file.ts';
import type { TaskContext } from '../task-handler.ts';

/** Everything but where it is stored. */
export type MeasuredRendition = Omit<EncodedRendition, 'object' | 'bitrate'>;

/** Measures a rendition in the work folder. @throws {TaskError} `nothing_decodable` */
export async function measureRendition(name: string, context: TaskContext): Promise<MeasuredRendition> {
  const path = join(context.workFolder, renditionFile(name));
  const { streams, format } = await probeFile(context.tools, ['-i', `file:${path}`], {
    signal: context.signal,
  });
  const video = streams.find(({ codec_type }) => codec_type === 'video');
  if (!video?.width || !video.height || !video.nb_frames) throw nothingEncoded(name);
  return {
    name,
    width: video.width,
    height: video.height,
    duration_s: format.duration ?? 0,
    frame_count: video.nb_frames,
    codec: video.codec_name ?? 'unknown',
  };
}

/** Stores a rendition of the work folder. */
export async function storeRendition(
  measured: MeasuredRendition,
  context: TaskContext,
): Promise<EncodedRendition> {
  const file = renditionFile(measured.name);
  const object = await storeFile(context, file, join(context.workFolder, file));
  return { ...measured, object, bitrate: bitrate(object.size_bytes, measured.duration_s) };
}

export const bitrate = (bytes: number, duration_s: number) =>
  duration_s > 0 ? Math.round((bytes * 8) / duration_s) : 0;

export function nothingEncoded(output: string): TaskError {
  const message = 'The video could not be decoded, so nothing could be made of it.';
  return new TaskError({
    code: 'nothing_decodable',
    message,
    detail: `${output} has no frames`,
    retryable: false,
  });
}
