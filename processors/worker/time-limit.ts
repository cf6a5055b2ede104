import { chunkSeconds } from '@transcodeflow/shared/contracts/chunk.ts';
import { filmOf, type MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { TaskSpec } from '@transcodeflow/shared/contracts/tasks.ts';
import { TaskError } from '../task-error.ts';

/** Whatever the task: ffmpeg's start, a slow disk, a busy machine. */
const BASE_S = 600;
/** Bytes to be fetched, scanned and stored. */
const BYTES_PER_S = 1_000_000;
/** Decoded, scaled or encoded. A free core does 40 to 200 million as H.264. */
const PIXELS_PER_S = 1_000_000;
/** How much slower than H.264's an encoder may be. */
const WEIGHT = { h264: 1, hevc: 4, av1: 8 } as const;
/** No source has more pictures a second that make sense to anyone. */
const MOST_FRAMES_PER_S = 1_000;
/** Longer, and a timer would end at once. */
const MOST_MS = 2 ** 31 - 1;

/**
 * Seconds that a task may take: what never comes to an end although it goes on (time stamps that run in circles, a file
 * that makes its decoder slow on purpose) must not hold a slot for ever. `undefined`: it has limits of its own.
 */
export function timeLimit(spec: TaskSpec): number | undefined {
  switch (spec.kind) {
    case 'ingest':
      return undefined;
    case 'inspect':
      return BASE_S + bytes(spec.source);
    case 'encode': {
      const made = spec.renditions.map(({ width, height, codec }) => width * height * WEIGHT[codec]);
      // The sound alone is encoded in less than its length, and measured before where it is normalised.
      return BASE_S + bytes(spec.source) + 2 * spec.media.duration_s + pictures(spec.media, made);
    }
    case 'encode-chunk': {
      const duration_s = chunkSeconds(spec.chunk, spec.media, spec.trim);
      const { frame_count: _, ...video } = filmOf(spec.media).video;
      // Encoded, decoded again and compared.
      const made = spec.renditions.map(({ width, height, codec }) => width * height * (WEIGHT[codec] + 2));
      return BASE_S + bytes(spec.source) + pictures({ ...spec.media, video, duration_s }, made);
    }
    case 'stitch':
      return (
        BASE_S +
        3 * bytes(...spec.renditions.flatMap(({ chunks }) => chunks.map(({ object }) => object))) +
        bytes(...spec.tiles)
      );
    case 'package':
      return BASE_S + bytes(...spec.renditions.map(({ object }) => object));
    case 'thumbnail':
      return BASE_S;
    case 'transcribe':
      // A large model of whisper.cpp takes several times the length on a few cores.
      return BASE_S + bytes(spec.source) + 20 * spec.duration_s;
    case 'verify': {
      const compared = spec.renditions.map(({ width, height }) => 2 * width * height);
      const objects = spec.renditions.map(({ object }) => object);
      return BASE_S + bytes(spec.source, ...objects) + pictures(spec.media, compared);
    }
    default:
      return spec satisfies never;
  }
}

const bytes = (...objects: readonly { size_bytes: number }[]): number =>
  objects.reduce((sum, { size_bytes }) => sum + size_bytes, 0) / BYTES_PER_S;

function pictures({ video, duration_s }: MediaInfo, others: readonly number[]): number {
  if (!video) return 0;
  const frames = Math.min(
    duration_s * MOST_FRAMES_PER_S,
    Math.max(video.frame_count ?? 0, (video.frame_rate ?? 30) * duration_s),
  );
  const pixels = others.reduce((sum, each) => sum + each, video.coded_width * video.coded_height);
  return (frames * pixels) / PIXELS_PER_S;
}

export interface TimeLimit {
  /** Aborts when the task is over its time, with the `TaskError`. */
  signal: AbortSignal;
  close(): void;
}

/** @param factor times the task's limit; 0 for any time */
export function limitTime(spec: TaskSpec, factor: number): TimeLimit {
  const controller = new AbortController();
  const limit_s = (timeLimit(spec) ?? 0) * factor;
  if (limit_s === 0) return { signal: controller.signal, close: () => {} };
  const timer = setTimeout(
    () => controller.abort(overTime(limit_s)),
    Math.min(MOST_MS, limit_s * 1_000),
  ).unref();
  return { signal: controller.signal, close: () => clearTimeout(timer) };
}

const overTime = (limit_s: number) =>
  new TaskError({
    code: 'time_limit',
    message: 'Processing the video took longer than it may for its length and size, and was ended.',
    detail: `not done after ${limit_s.toFixed(limit_s < 10 ? 3 : 0)} s (TASK_TIME_FACTOR)`,
    retryable: true,
  });
