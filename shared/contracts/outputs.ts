import { z } from 'zod';
import { ObjectRef } from './object-ref.ts';
import { Quality } from './task-results.ts';

const Unavailable = z.object({ available: z.literal(false), reason: z.string() });

const RenditionOutput = z.object({
  available: z.literal(true),
  path: z.string(),
  size_bytes: z.number(),
  width: z.number(),
  height: z.number(),
  bitrate: z.number(),
  duration_s: z.number(),
  codec: z.string(),
  compression_ratio: z.number().describe('Output bytes divided by source bytes.'),
  quality: Quality.optional(),
});

const AudioOutput = z.object({
  available: z.literal(true),
  path: z.string(),
  size_bytes: z.number(),
  codec: z.string(),
  bitrate: z.number(),
  duration_s: z.number(),
  channels: z.number(),
  language: z.string().optional(),
});

const SubtitleOutput = z.object({
  available: z.literal(true),
  path: z.string(),
  playlist: z.string(),
  size_bytes: z.number(),
  language: z.string().optional(),
  label: z.string(),
  role: z.enum(['subtitle', 'caption', 'forced-subtitle']),
  cues_count: z.number(),
});

const or = <T extends z.ZodType>(schema: T) => z.union([schema, Unavailable]);

/**
 * The verified outputs of a job. `path`s are public names below `/api/jobs/{id}/outputs/`; `files` and
 * `folders` say which objects stand behind them, so that only accepted attempts' objects are ever served.
 */
export const Outputs = z
  .object({
    renditions: z.record(z.string(), or(RenditionOutput)),
    audio: or(AudioOutput),
    audio_tracks: z
      .record(
        z.string().regex(/^audio-/),
        or(AudioOutput.extend({ title: z.string().optional(), default: z.boolean() })),
      )
      .optional()
      .describe(
        'By name, e.g. `audio-de`; the default one is `audio` too. Absent where only the default was wanted.',
      ),
    transcription: or(
      z.object({
        available: z.literal(true),
        language: z.string(),
        engine: z.string(),
        formats: z.object({ txt: z.string(), srt: z.string(), vtt: z.string(), json: z.string() }),
        words_count: z.number(),
      }),
    ),
    hls: or(
      z.object({
        available: z.literal(true),
        master: z.string(),
        size_bytes: z.number(),
        variants: z.record(
          z.string(),
          or(z.object({ available: z.literal(true), playlist: z.string(), segments_count: z.number() })),
        ),
      }),
    ),
    dash: or(
      z.object({
        available: z.literal(true),
        manifest: z.string(),
        size_bytes: z.number().describe('The manifest and the segments, which are those of HLS.'),
      }),
    ).optional(),
    subtitles: or(
      z.object({
        available: z.literal(true),
        tracks: z.record(z.string().regex(/^subtitles-/), or(SubtitleOutput)),
      }),
    )
      .optional()
      .describe('Of the source, by name, e.g. `subtitles-de`.'),
    thumbnail: or(
      z.object({
        available: z.literal(true),
        path: z.string(),
        size_bytes: z.number(),
        width: z.number(),
        height: z.number(),
        custom: z.boolean(),
      }),
    ),
    storyboard: or(
      z.object({ available: z.literal(true), image: z.string(), vtt: z.string(), tiles: z.number() }),
    ),
    preview: or(
      z.object({
        available: z.literal(true),
        path: z.string(),
        size_bytes: z.number(),
        width: z.number(),
        height: z.number(),
        duration_s: z.number(),
      }),
    ).optional(),
    files: z.record(z.string(), ObjectRef).describe('Public path → object.'),
    folders: z.record(z.string(), z.string()).describe('Public path prefix → key prefix; both end in `/`.'),
  })
  .meta({
    id: 'Outputs',
    description: 'The verified outputs of a job. Paths are public names below `/api/jobs/{id}/outputs/`.',
  });
export type Outputs = z.infer<typeof Outputs>;
