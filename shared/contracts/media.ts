import { z } from 'zod';

/** One usable video stream of a source, as ffprobe and a trial decode describe it. */
export const VideoStream = z.object({
  /** Stream index in the file, as ffmpeg's `-map 0:<index>` takes it. */
  index: z.number().int().nonnegative(),
  codec: z.string(),
  profile: z.string().optional(),
  pixel_format: z.string().optional(),
  /** Coded size in pixels, before rotation and sample aspect ratio. */
  coded_width: z.number().int().positive(),
  coded_height: z.number().int().positive(),
  /** Size in square pixels as a viewer sees it: rotation and sample aspect ratio applied. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** Clockwise rotation in degrees that a player applies: 0, 90, 180 or 270. */
  rotation: z.number().int(),
  sample_aspect_ratio: z.string().optional(),
  /** Average frames per second, absent where the container does not say. */
  frame_rate: z.number().positive().optional(),
  frame_count: z.number().int().nonnegative().optional(),
  bit_depth: z.number().int().positive().optional(),
  color_transfer: z.string().optional(),
  color_primaries: z.string().optional(),
  color_space: z.string().optional(),
  hdr: z.boolean(),
  interlaced: z.boolean(),
  bitrate: z.number().nonnegative().optional(),
});
export type VideoStream = z.infer<typeof VideoStream>;

export const AudioStream = z.object({
  index: z.number().int().nonnegative(),
  codec: z.string(),
  channels: z.number().int().positive(),
  sample_rate: z.number().int().positive(),
  /** ISO 639 code as the container tags it; absent where untagged or `und`. */
  language: z.string().optional(),
  bitrate: z.number().nonnegative().optional(),
  default: z.boolean(),
});
export type AudioStream = z.infer<typeof AudioStream>;

export const SubtitleStream = z.object({
  index: z.number().int().nonnegative(),
  codec: z.string(),
  language: z.string().optional(),
  /** Text subtitles can become WebVTT, bitmaps cannot. */
  text: z.boolean(),
});
export type SubtitleStream = z.infer<typeof SubtitleStream>;

/** What inspection found in a source: only streams that can be used are listed. */
export const MediaInfo = z.object({
  /** ffprobe's name of the container format, e.g. `mov,mp4,m4a,3gp,3g2,mj2`. */
  format: z.string(),
  duration_s: z.number().nonnegative(),
  size_bytes: z.number().int().nonnegative(),
  bitrate: z.number().nonnegative().optional(),
  start_time_s: z.number().optional(),
  video: VideoStream,
  audio: z.array(AudioStream),
  subtitles: z.array(SubtitleStream),
  /** Streams left out and why, e.g. `stream 2 (mjpeg): attached picture`. */
  ignored: z.array(z.string()),
});
export type MediaInfo = z.infer<typeof MediaInfo>;
