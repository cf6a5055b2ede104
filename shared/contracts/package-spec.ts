import { z } from 'zod';
import { ObjectRef } from './object-ref.ts';
import { SubtitleTrack } from './subtitle-track.ts';

/** Remuxes the encoded renditions and audio into HLS, without encoding again. */
export const PackageSpec = z.object({
  kind: z.literal('package'),
  renditions: z.array(
    z.object({ name: z.string(), object: ObjectRef, width: z.number(), height: z.number() }),
  ),
  audio: z
    .object({ object: ObjectRef, language: z.string().optional(), title: z.string().optional() })
    .optional(),
  audio_alternates: z
    .array(
      z.object({
        name: z.string(),
        object: ObjectRef,
        language: z.string().optional(),
        title: z.string().optional(),
      }),
    )
    .optional(),
  segment_s: z
    .number()
    .positive()
    .describe('Target length of a segment in seconds; a multiple of the keyframe distance.'),
  dash: z.literal(true).optional().describe('A DASH manifest over the same segments is wanted.'),
  subtitles: z
    .object({
      source: ObjectRef,
      start_s: z.number().optional().describe("What the outputs leave out of the source's beginning."),
      streams: z.array(SubtitleTrack).min(1),
    })
    .optional(),
  captions: z
    .object({ vtt: ObjectRef, language: z.string() })
    .optional()
    .describe('The transcript, to be a track too.'),
});
export type PackageSpec = z.infer<typeof PackageSpec>;
