import { z } from 'zod';

/** One usable video stream of a source, as ffprobe and a trial decode describe it. */
export const VideoStream = z
  .object({
    index: z
      .number()
      .int()
      .nonnegative()
      .describe("Stream index in the file, as ffmpeg's `-map 0:<index>` takes it."),
    codec: z.string(),
    profile: z.string().optional(),
    pixel_format: z.string().optional(),
    coded_width: z
      .number()
      .int()
      .positive()
      .describe('Coded size in pixels, before rotation and sample aspect ratio.'),
    coded_height: z.number().int().positive(),
    width: z
      .number()
      .int()
      .positive()
      .describe('Size in square pixels as a viewer sees it: rotation and sample aspect ratio applied.'),
    height: z.number().int().positive(),
    rotation: z
      .number()
      .int()
      .describe('Clockwise rotation in degrees that a player applies: 0, 90, 180 or 270.'),
    mirrored: z.literal(true).optional().describe('A player also flips the picture, as a mirror does.'),
    sample_aspect_ratio: z.string().optional(),
    frame_rate: z
      .number()
      .positive()
      .optional()
      .describe('Average frames per second, absent where the container does not say.'),
    frame_count: z.number().int().nonnegative().optional(),
    bit_depth: z.number().int().positive().optional(),
    color_transfer: z.string().optional(),
    color_primaries: z.string().optional(),
    color_space: z.string().optional(),
    hdr: z.boolean(),
    interlaced: z.boolean().describe('As the stream flags it.'),
    unflagged_fields: z
      .enum(['tff', 'bff'])
      .optional()
      .describe(
        'Pictures woven of fields that nothing flags, top or bottom first, as looking at them has shown.',
      ),
    bitrate: z.number().nonnegative().optional(),
  })
  .meta({
    id: 'VideoStream',
    description: 'One usable video stream of a source, as ffprobe and a trial decode describe it.',
  });
export type VideoStream = z.infer<typeof VideoStream>;

export const AudioStream = z
  .object({
    index: z.number().int().nonnegative(),
    codec: z.string(),
    channels: z.number().int().positive(),
    sample_rate: z.number().int().positive(),
    language: z
      .string()
      .optional()
      .describe('ISO 639 code as the container tags it; absent where untagged or `und`.'),
    bitrate: z.number().nonnegative().optional(),
    default: z.boolean(),
    title: z.string().optional().describe('As the container has it, e.g. `Commentary`.'),
  })
  .meta({ id: 'AudioStream' });
export type AudioStream = z.infer<typeof AudioStream>;

export const SubtitleStream = z
  .object({
    index: z.number().int().nonnegative(),
    codec: z.string(),
    language: z.string().optional(),
    text: z.boolean().describe('Text subtitles can become WebVTT, bitmaps cannot.'),
    title: z.string().optional().describe('As the container has it, e.g. `Commentary`.'),
    default: z.literal(true).optional(),
    forced: z.literal(true).optional().describe('For what is foreign to those who hear the sound.'),
    hearing_impaired: z.literal(true).optional().describe('Tells sounds, too.'),
  })
  .meta({ id: 'SubtitleStream' });
export type SubtitleStream = z.infer<typeof SubtitleStream>;

/** What inspection found in a source: only streams that can be used are listed. */
export const MediaInfo = z
  .object({
    format: z.string().describe("ffprobe's name of the container format, e.g. `mov,mp4,m4a,3gp,3g2,mj2`."),
    duration_s: z.number().nonnegative(),
    missing_s: z
      .number()
      .positive()
      .optional()
      .describe(
        'Seconds that the container has listed and the file no longer holds: it was cut off. What there is becomes the outputs. Told of MP4, MOV and Matroska.',
      ),
    size_bytes: z.number().int().nonnegative(),
    bitrate: z.number().nonnegative().optional(),
    start_time_s: z.number().optional(),
    video: VideoStream.optional().describe('Absent where the file holds sound alone.'),
    audio: z.array(AudioStream),
    undecodable_audio: z
      .array(
        z.object({
          index: z.number().int().nonnegative(),
          language: z.string().optional(),
          reason: z.string(),
        }),
      )
      .optional()
      .describe('Sound that was left out, and why.'),
    subtitles: z.array(SubtitleStream),
    entry_points_s: z
      .array(z.number())
      .optional()
      .describe(
        'Instants of keyframes at which decoding can begin, about evenly spread, in seconds from the start of the file; the first one is the first frame. Absent: the video is not encoded in chunks, or cannot be entered in its midst.',
      ),
    ignored: z
      .array(z.string())
      .describe('Streams left out and why, e.g. `stream 2 (mjpeg): attached picture`.'),
  })
  .meta({
    id: 'MediaInfo',
    description: 'What inspection found in a source: only streams that can be used are listed.',
  });
export type MediaInfo = z.infer<typeof MediaInfo>;

/** A source with pictures. */
export type Film = MediaInfo & { video: VideoStream };

/**
 * For what makes pictures: such tasks are planned only for sources that have them.
 * @throws {Error} where there are none
 */
export function filmOf(media: MediaInfo): Film {
  const { video } = media;
  if (!video) throw new Error('Pictures were asked for of a source without video');
  return { ...media, video };
}
