import { z } from 'zod';
import { EncodeChunkSpec, EncodeSpec, StitchSpec } from './encode-specs.ts';
import { ObjectRef } from './object-ref.ts';
import { PackageSpec } from './package-spec.ts';
import { Trim } from './trim.ts';
import { VerifySpec } from './verify-spec.ts';

/** Fetches a source by URL into the object store; before anything else, where the client gave one. */
export const IngestSpec = z.object({
  kind: z.literal('ingest'),
  url: z.string(),
  most_bytes: z.number().int().positive().describe('Set aside for it; a larger file is refused.'),
});
export type IngestSpec = z.infer<typeof IngestSpec>;

/** Reads the source and says what it is; refuses what cannot be transcoded. */
export const InspectSpec = z.object({
  kind: z.literal('inspect'),
  source: ObjectRef,
  filename: z.string(),
  from_s: z.number().optional().describe('Refused where the source ends before that.'),
  needs: z.literal('audio').optional().describe('What is refused where it is missing; absent: video.'),
  chunk_s: z
    .number()
    .positive()
    .optional()
    .describe('Keyframes are looked for about so many seconds apart; absent: none are.'),
});

/** Validates and re-encodes a thumbnail that the client brought along. */
export const ThumbnailSpec = z.object({
  kind: z.literal('thumbnail'),
  image: ObjectRef,
  max_width: z.number().int().positive(),
});
export type ThumbnailSpec = z.infer<typeof ThumbnailSpec>;

/** Turns speech into text, straight from the source's audio. */
export const TranscribeSpec = z.object({
  kind: z.literal('transcribe'),
  source: ObjectRef,
  trim: Trim.optional(),
  duration_s: z.number().describe('Of the part that is wanted.'),
  stream_index: z.number().int().nonnegative(),
  language: z
    .string()
    .optional()
    .describe("Declared by the client (ISO 639-1); absent: take the container's word, or detect it."),
  tagged_language: z
    .string()
    .optional()
    .describe('As the container tags the stream (ISO 639, often three letters).'),
});
export type TranscribeSpec = z.infer<typeof TranscribeSpec>;

export const TaskSpec = z
  .discriminatedUnion('kind', [
    IngestSpec,
    InspectSpec,
    EncodeSpec,
    EncodeChunkSpec,
    StitchSpec,
    PackageSpec,
    ThumbnailSpec,
    TranscribeSpec,
    VerifySpec,
  ])
  .meta({ id: 'TaskSpec', description: 'What a processor has to do, one form for each kind of task.' });
export type TaskSpec = z.infer<typeof TaskSpec>;
export type TaskKind = TaskSpec['kind'];
export type SpecOf<K extends TaskKind> = Extract<TaskSpec, { kind: K }>;
