import type { AudioStream, MediaInfo, VideoStream } from '@transcodeflow/shared/contracts/media.ts';
import { LEAST_TRIM_S } from '@transcodeflow/shared/contracts/trim.ts';
import { decodableDuration } from '../../ffmpeg/decodable-duration.ts';
import { entryPoints } from '../../ffmpeg/entry-points.ts';
import { type ProbedFile, type ProbedStream, probeFile, ratio } from '../../ffmpeg/probed-file.ts';
import { ProbeError } from '../../ffmpeg/run-ffprobe.ts';
import { trialDecode } from '../../ffmpeg/trial-decode.ts';
import { unflaggedFields } from '../../ffmpeg/unflagged-fields.ts';
import { MAX_PIXELS, untrustedProbe } from '../../ffmpeg/untrusted-input.ts';
import type { TaskContext, TaskHandler } from '../task-handler.ts';
import { missingSeconds } from './missing-seconds.ts';
import { MAX_DURATION_S, MAX_SIDE, refusal, unreadable } from './refusal.ts';
import { describeAudio, describeSubtitle, describeVideo, languageOf } from './streams.ts';

/** More candidates than this are not tried: each costs a run of ffmpeg (some 50 ms). */
const MAX_VIDEO_TRIALS = 4;
const MAX_AUDIO_TRIALS = 16;

/**
 * Reads a source by its content, never by its name, and says what in it can be used.
 * @throws {TaskError} not retryable, where it cannot be transcoded: `invalid_video_format`, `no_video_stream`,
 * `no_audio_stream`, `trim_beyond_end`, `nothing_decodable`, `absurd_dimensions`, `too_long`, `no_duration`
 */
export const inspect: TaskHandler<'inspect'> = async (spec, context) => {
  const { objects, workFolder, signal, tools } = context;
  const path = await objects.localFile(spec.source.key, workFolder, signal);
  const probed = await probeFile(tools, untrustedProbe(path), { signal }).catch((error: unknown) => {
    throw error instanceof ProbeError ? unreadable(error.log) : error;
  });
  context.progress({ fraction: 0.3 });
  const ignored: string[] = [];
  const source: Source = { path, probed, ignored, mute: [] };
  const video = await chooseVideo(source, spec.needs === 'audio', context);
  context.progress({ fraction: 0.6 });
  const audio = await usableAudio(source, context);
  if (spec.needs === 'audio' && audio.length === 0)
    throw refusal('no_audio_stream', 'The file has no sound in it that can be decoded.', ignored.join('\n'));
  const subtitles = probed.streams
    .filter(({ codec_type }) => codec_type === 'subtitle')
    .map(describeSubtitle);
  const duration_s = await durationOf(source, video, audio, context);
  if (spec.from_s !== undefined && spec.from_s > duration_s - LEAST_TRIM_S)
    throw refusal(
      'trim_beyond_end',
      `The source lasts ${duration_s.toFixed(1)} s: nothing is left from ${spec.from_s} s on.`,
    );
  const missing_s = missingSeconds(probed, [video, ...audio], duration_s);
  const described = video && (await lookAtVideo(video, source, duration_s, context));
  const { format } = probed;
  const where = { format: format.format_name, start_s: format.start_time ?? 0, duration_s };
  const entry_points_s =
    video && spec.chunk_s
      ? await entryPoints(tools, path, { ...where, index: video.index }, spec.chunk_s, signal)
      : undefined;
  const media: MediaInfo = {
    format: format.format_name,
    duration_s,
    ...(missing_s !== undefined && { missing_s }),
    size_bytes: spec.source.size_bytes,
    ...(described && { video: described }),
    audio,
    ...(source.mute.length > 0 && { undecodable_audio: source.mute }),
    subtitles,
    ignored,
    ...(entry_points_s && { entry_points_s }),
    ...(format.bit_rate !== undefined && { bitrate: format.bit_rate }),
    ...(format.start_time !== undefined && { start_time_s: format.start_time }),
  };
  context.progress({ fraction: 1 });
  return { kind: 'inspect', media };
};

interface Source {
  path: string;
  probed: ProbedFile;
  /** Filled on the way: streams left out, and why. */
  ignored: string[];
  /** The same, of sound alone. */
  mute: NonNullable<MediaInfo['undecodable_audio']>;
}

const label = (stream: ProbedStream) =>
  `stream ${stream.index} (${stream.codec_name ?? stream.codec_type ?? 'unknown'})`;

async function lookAtVideo(
  stream: ProbedStream,
  { path }: Source,
  duration_s: number,
  { tools, signal, workFolder: cwd }: TaskContext,
): Promise<VideoStream> {
  const video = describeVideo(stream);
  const unflagged_fields = await unflaggedFields(tools, path, video, duration_s, { signal, cwd });
  return { ...video, ...(unflagged_fields && { unflagged_fields }) };
}

/** @param optional the sound is all that is wanted: then undefined says that there are no pictures to be had */
async function chooseVideo(
  { path, probed, ignored }: Source,
  optional: boolean,
  context: TaskContext,
): Promise<ProbedStream | undefined> {
  const candidates: ProbedStream[] = [];
  for (const stream of probed.streams) {
    const { disposition } = stream;
    if (stream.codec_type === 'video') {
      if (disposition.attached_pic === 1) ignored.push(`${label(stream)}: attached picture`);
      else if (disposition.still_image === 1 || disposition.timed_thumbnails === 1)
        ignored.push(`${label(stream)}: still pictures`);
      else candidates.push(stream);
    } else if (stream.codec_type !== 'audio' && stream.codec_type !== 'subtitle') {
      ignored.push(`${label(stream)}: ${stream.codec_type ?? 'unknown'} track`);
    }
  }
  if (candidates.length === 0) {
    if (optional) return undefined;
    throw refusal(
      'no_video_stream',
      'The file has no video in it. Of sound alone, the profile "audio-only" makes a package.',
      ignored.join('\n'),
    );
  }
  const area = ({ width = 0, height = 0 }: ProbedStream) => width * height;
  const byWorth = candidates.toSorted(
    (a, b) => (b.disposition.default ?? 0) - (a.disposition.default ?? 0) || area(b) - area(a),
  );
  for (const [rank, stream] of byWorth.entries()) {
    const reason =
      rank < MAX_VIDEO_TRIALS ? await undecodable(path, stream, context) : 'one video track too many';
    if (reason === undefined) {
      ignored.push(...byWorth.slice(rank + 1).map((other) => `${label(other)}: another video track is used`));
      return stream;
    }
    ignored.push(`${label(stream)}: ${reason}`);
  }
  if (optional) return undefined;
  throw refusal(
    'nothing_decodable',
    'The video in the file cannot be decoded: it is damaged or of an unknown kind.',
    ignored.join('\n'),
  );
}

async function undecodable(
  path: string,
  stream: ProbedStream,
  { tools, signal, workFolder }: TaskContext,
): Promise<string | undefined> {
  const { width, height } = describeVideo(stream);
  const sides = [stream.width ?? 0, stream.height ?? 0, width, height];
  if (sides.some((side) => side > MAX_SIDE) || width * height > MAX_PIXELS) {
    throw refusal(
      'absurd_dimensions',
      `The video is ${width}x${height} pixels, more than can be processed (${MAX_SIDE} a side).`,
    );
  }
  return trialDecode(tools, path, stream.index, { signal, cwd: workFolder });
}

async function usableAudio(
  { path, probed, ignored, mute }: Source,
  { tools, signal, workFolder }: TaskContext,
): Promise<AudioStream[]> {
  const usable: AudioStream[] = [];
  for (const [rank, stream] of probed.streams.filter(({ codec_type }) => codec_type === 'audio').entries()) {
    const reason =
      rank >= MAX_AUDIO_TRIALS
        ? 'one audio track too many'
        : !stream.channels || !stream.sample_rate
          ? 'no channels or sample rate'
          : await trialDecode(tools, path, stream.index, { signal, cwd: workFolder });
    if (reason === undefined) {
      usable.push(describeAudio(stream));
      continue;
    }
    const language = languageOf(stream);
    ignored.push(`${label(stream)}: ${reason}`);
    mute.push({ index: stream.index, reason, ...(language && { language }) });
  }
  return usable;
}

async function durationOf(
  { path, probed }: Source,
  video: ProbedStream | undefined,
  audio: readonly AudioStream[],
  context: TaskContext,
) {
  const { format } = probed;
  const streams = [...(video ? [video.index] : []), ...audio.map(({ index }) => index)];
  const measured = await decodableDuration(
    context.tools,
    path,
    { streams, start_s: format.start_time ?? 0, claimed_s: format.duration },
    { signal: context.signal },
  );
  const oneFrame = 1 / (ratio(video?.avg_frame_rate) ?? ratio(video?.r_frame_rate) ?? 25);
  if (format.format_name === 'gif' && measured <= oneFrame * 1.5) {
    throw refusal('invalid_video_format', 'The file is a still picture, not a video.');
  }
  // A single frame may have no duration of its own; it is shown for as long as a frame of its rate is.
  const duration = measured > 0 ? measured : oneFrame;
  if (!Number.isFinite(duration)) throw refusal('no_duration', 'The video has no duration.');
  if (duration > MAX_DURATION_S) {
    throw refusal(
      'too_long',
      `The video lasts ${(duration / 3600).toFixed(1)} hours; at most ${MAX_DURATION_S / 3600} are accepted.`,
    );
  }
  return duration;
}
