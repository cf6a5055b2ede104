import { join } from 'node:path';
import type { EncodedRendition } from '@transcodeflow/shared/contracts/task-results.ts';
import { renditionFile } from '../../ffmpeg/plan/encode-plan.ts';
import { probeFile } from '../../ffmpeg/probed-file.ts';
import { TaskError } from '../../task-error.ts';
import { storeFile } from '../store-file.ts';
import type { TaskContext } from '../task-handler.ts';

/** Measures a rendition in the work folder and stores it. @throws {TaskError} `nothing_decodable` */
export async function storeRendition(name: string, context: TaskContext): Promise<EncodedRendition> {
  const path = join(context.workFolder, renditionFile(name));
  const { streams, format } = await probeFile(context.tools, ['-i', `file:${path}`], {
    signal: context.signal,
  });
  const video = streams.find(({ codec_type }) => codec_type === 'video');
  if (!video?.width || !video.height || !video.nb_frames) throw nothingEncoded(name);
  const object = await storeFile(context, renditionFile(name), path);
  const duration_s = format.duration ?? 0;
  return {
    name,
    object,
    width: video.width,
    height: video.height,
    bitrate: bitrate(object.size_bytes, duration_s),
    duration_s,
    frame_count: video.nb_frames,
    codec: video.codec_name ?? 'unknown',
  };
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
