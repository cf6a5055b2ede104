import { join } from 'node:path';
import type { EncodedRendition, ResultOf } from '@transcodeflow/shared/contracts/task-results.ts';
import type { AudioEncoding, SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { shownSeconds } from '@transcodeflow/shared/contracts/trim.ts';
import { AUDIO_FILE, alternateFile, renditionFile } from '../ffmpeg/plan/encode-plan.ts';
import { encodersOf, softwareEncoder } from '../ffmpeg/plan/software-encoder.ts';
import { probeFile, streamDuration } from '../ffmpeg/probed-file.ts';
import { runEncode } from './encode-run.ts';
import { storePoster, storeStoryboard } from './encode-stills.ts';
import { storeFile } from './store-file.ts';
import { type TaskContext, TaskError, type TaskHandler } from './task-handler.ts';

/**
 * Encodes every rendition, the audio, the poster and the storyboard's tiles in one run with one decode, measures the files
 * and stores them below the attempt's prefix: `360p.mp4` …, `audio.m4a`, `thumbnail.jpg`, `storyboard.jpg|vtt`.
 * @throws {TaskError} `encoder_missing`, `ffmpeg_failed`, `ffmpeg_stalled`, `hardware_busy`, `disk_full`, `nothing_decodable`
 */
export const encode: TaskHandler<'encode'> = async (spec, context) => {
  assertEncoders(spec, context);
  const source = await context.objects.localFile(spec.source.key, context.workFolder, context.signal);
  const hardware = await runEncode(spec, source, context);
  const renditions: EncodedRendition[] = [];
  for (const { name } of spec.renditions) renditions.push(await storeRendition(name, context));
  const audio = spec.audio && (await storeAudio(AUDIO_FILE, spec.audio, context));
  const audio_alternates: NonNullable<ResultOf<'encode'>['audio_alternates']> = [];
  for (const { name, title, ...track } of spec.audio_alternates ?? []) {
    const stored = await storeAudio(alternateFile(name), track, context);
    audio_alternates.push({ name, ...stored, ...(title && { title }) });
  }
  const poster = spec.poster && (await storePoster(spec.poster, context));
  const planned_s = shownSeconds(spec.media, spec.trim);
  const duration_s = renditions[0]?.duration_s ?? planned_s;
  const storyboard =
    spec.storyboard && (await storeStoryboard(spec.storyboard, duration_s, planned_s, context));
  context.progress({ fraction: 1 });
  return {
    kind: 'encode',
    renditions,
    hardware,
    ...(audio && { audio }),
    ...(audio_alternates.length > 0 && { audio_alternates }),
    ...(poster && { poster }),
    ...(storyboard && { storyboard }),
  };
};

/** @throws {TaskError} `encoder_missing`: another ffmpeg is needed, not another attempt. */
function assertEncoders({ renditions }: SpecOf<'encode'>, { tools }: TaskContext): void {
  const missing = renditions.find(({ codec }) => !softwareEncoder(codec, tools.encoders));
  if (!missing) return;
  const codec = missing.codec.toUpperCase();
  throw new TaskError({
    code: 'encoder_missing',
    message: `This installation cannot encode ${codec}.`,
    detail: `ffmpeg ${tools.version} (${tools.ffmpeg}) has none of ${encodersOf(missing.codec).join(', ')}`,
    retryable: false,
  });
}

async function storeRendition(name: string, context: TaskContext): Promise<EncodedRendition> {
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

async function storeAudio(file: string, spec: AudioEncoding, context: TaskContext) {
  const path = join(context.workFolder, file);
  const { streams } = await probeFile(context.tools, ['-i', `file:${path}`], { signal: context.signal });
  const stream = streams.find(({ codec_type }) => codec_type === 'audio');
  const duration_s = stream && streamDuration(stream);
  if (!stream || !duration_s) throw nothingEncoded(file);
  const object = await storeFile(context, file, path);
  return {
    object,
    codec: stream.codec_name ?? 'unknown',
    bitrate: bitrate(object.size_bytes, duration_s),
    duration_s,
    channels: stream.channels ?? spec.channels,
    ...(spec.language && { language: spec.language }),
  };
}

const bitrate = (bytes: number, duration_s: number) =>
  duration_s > 0 ? Math.round((bytes * 8) / duration_s) : 0;

function nothingEncoded(output: string): TaskError {
  const message = 'The video could not be decoded, so nothing could be made of it.';
  return new TaskError({
    code: 'nothing_decodable',
    message,
    detail: `${output} has no frames`,
    retryable: false,
  });
}
