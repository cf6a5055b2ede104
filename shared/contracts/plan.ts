import { z } from 'zod';
import { AlternateAudio, AudioEncoding } from './audio-encoding.ts';
import { Chunk } from './chunk.ts';
import { PosterSpec, PreviewSpec, StoryboardSpec } from './pictures.ts';
import { Rendition } from './rendition.ts';
import { SubtitleTrack } from './subtitle-track.ts';
import { Trim } from './trim.ts';

/** An output that this source cannot have, and why, e.g. 720p of a 480p source. */
export const SkippedOutput = z.object({ output: z.string(), reason: z.string() });

/** What a job will produce, decided once from the inspected source, the profile and the client's options. */
export const Plan = z
  .object({
    profile: z.string(),
    renditions: z.array(Rendition),
    trim: Trim.optional(),
    gop_s: z.number().positive(),
    segment_s: z.number().positive(),
    audio: AudioEncoding.optional(),
    audio_alternates: z.array(AlternateAudio).optional(),
    subtitles: z.array(SubtitleTrack).optional(),
    poster: PosterSpec.optional(),
    storyboard: StoryboardSpec.optional(),
    preview: PreviewSpec.optional(),
    custom_thumbnail: z.boolean(),
    transcribe: z.boolean(),
    dash: z.literal(true).optional().describe('Present where the package has a DASH manifest.'),
    quality: z.literal(false).optional().describe('Present where no quality figures are wanted.'),
    skipped: z.array(SkippedOutput),
    chunks: z
      .array(Chunk)
      .optional()
      .describe('Present where the video is encoded in parts, each by a task of its own.'),
    /** The tasks that follow inspection and what each waits for. */
    tasks: z.array(
      z.object({
        task_id: z.string(),
        kind: z.enum(['encode', 'encode-chunk', 'stitch', 'package', 'thumbnail', 'transcribe', 'verify']),
        after: z.array(z.string()),
        optional: z
          .boolean()
          .describe(
            "The job completes without an optional task's output, which is then unavailable with the reason.",
          ),
      }),
    ),
  })
  .meta({
    id: 'Plan',
    description:
      "What a job will produce, decided once from the inspected source, the profile and the client's options.",
  });
export type Plan = z.infer<typeof Plan>;
