import { z } from 'zod';
import { AlternateAudio, AudioEncoding } from './audio-encoding.ts';
import { Chunk } from './chunk.ts';
import { MediaInfo } from './media.ts';
import { ObjectRef } from './object-ref.ts';
import { PosterSpec, PreviewSpec, StoryboardSpec } from './pictures.ts';
import { Rendition } from './rendition.ts';
import { EncodeResult } from './task-results.ts';
import { Trim } from './trim.ts';
import { Watermark } from './watermark.ts';

/** One decode of the source feeds every rendition, the audio, the poster and the storyboard. */
export const EncodeSpec = z.object({
  kind: z.literal('encode'),
  source: ObjectRef,
  media: MediaInfo,
  trim: Trim.optional(),
  watermark: Watermark.optional(),
  renditions: z.array(Rendition).describe('None where only the sound is wanted.'),
  audio: AudioEncoding.optional(),
  audio_alternates: z.array(AlternateAudio).optional(),
  poster: PosterSpec.optional(),
  storyboard: StoryboardSpec.optional(),
  preview: PreviewSpec.optional(),
  gop_s: z
    .number()
    .positive()
    .describe("Keyframe distance in seconds, which is also the length of an HLS segment's unit."),
  acceleration: z
    .literal('off')
    .optional()
    .describe('Present where the gate refused what hardware had made of it: the CPU does it again.'),
});
export type EncodeSpec = z.infer<typeof EncodeSpec>;

/** Encodes the pictures of one chunk in every rendition, reading that part of the source only, and proves them. */
export const EncodeChunkSpec = EncodeSpec.omit({
  kind: true,
  audio: true,
  audio_alternates: true,
}).extend({
  kind: z.literal('encode-chunk'),
  chunk: Chunk,
  first_s: z
    .number()
    .describe('First frame of all that is shown, or where `trim` begins: keyframes are counted from there.'),
  quality: z.literal(false).optional().describe('Present where no figures are wanted.'),
});
export type EncodeChunkSpec = z.infer<typeof EncodeChunkSpec>;

/** Joins the chunks of every rendition without encoding, and adds the audio, which was encoded whole. */
export const StitchSpec = z.object({
  kind: z.literal('stitch'),
  duration_s: z.number().describe('Of all that is shown: of the source, or of its trimmed part.'),
  renditions: z.array(
    z.object({
      name: z.string(),
      chunks: z
        .array(z.object({ object: ObjectRef, first_s: z.number(), extradata: z.string() }))
        .describe('In order.'),
    }),
  ),
  audio: EncodeResult.shape.audio,
  audio_alternates: EncodeResult.shape.audio_alternates,
  posters: z.array(z.object({ object: ObjectRef, width: z.number(), height: z.number() })),
  storyboard: StoryboardSpec.optional(),
  preview: PreviewSpec.optional(),
  tiles: z.array(ObjectRef).describe('Raw pictures one after the other, in order.'),
  hardware: z.array(z.string()).describe('Where chunks were encoded, each once.'),
});
export type StitchSpec = z.infer<typeof StitchSpec>;
