import { z } from 'zod';
import { MediaInfo } from './media.ts';
import { ObjectRef } from './object-ref.ts';

/** The source as it is in the object store from now on. */
export const IngestResult = z.object({
  kind: z.literal('ingest'),
  source: ObjectRef,
  sha256: z.string().describe('Of its bytes, in hexadecimal digits.'),
});
export type IngestResult = z.infer<typeof IngestResult>;

export const InspectResult = z.object({ kind: z.literal('inspect'), media: MediaInfo });

/** One encoded video file (MP4 with the audio muxed in), measured from the file itself. */
export const EncodedRendition = z
  .object({
    name: z.string(),
    object: ObjectRef,
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    bitrate: z.number().nonnegative().describe('Bits per second over the whole file.'),
    duration_s: z.number().nonnegative(),
    frame_count: z.number().int().nonnegative(),
    codec: z.string(),
  })
  .meta({
    id: 'EncodedRendition',
    description: 'One encoded video file (MP4 with the audio muxed in), measured from the file itself.',
  });
export type EncodedRendition = z.infer<typeof EncodedRendition>;

/** One encoded sound file. */
const EncodedAudio = z.object({
  object: ObjectRef,
  codec: z.string(),
  bitrate: z.number(),
  duration_s: z.number(),
  channels: z.number(),
  language: z.string().optional(),
  title: z.string().optional(),
});

export const EncodeResult = z.object({
  kind: z.literal('encode'),
  renditions: z.array(EncodedRendition),
  audio: EncodedAudio.optional(),
  audio_alternates: z.array(EncodedAudio.extend({ name: z.string() })).optional(),
  poster: z.object({ object: ObjectRef, width: z.number(), height: z.number() }).optional(),
  storyboard: z.object({ image: ObjectRef, vtt: ObjectRef, tiles: z.number().int() }).optional(),
  preview: z
    .object({
      object: ObjectRef,
      width: z.number().int().positive(),
      height: z.number().int().positive(),
      duration_s: z.number().positive(),
    })
    .optional(),
  hardware: z
    .string()
    .describe('`cpu`, or the device and engines in use, e.g. `cuda (decode, scale) + cpu (encode)`.'),
});
export type EncodeResult = z.infer<typeof EncodeResult>;

/** A text track of the package. */
const PackagedText = z.object({
  name: z.string().describe('Its folder.'),
  playlist: z.string(),
  object: ObjectRef.describe('WebVTT.'),
  language: z.string().optional().describe('BCP 47.'),
  label: z.string().describe('As menus show it.'),
  role: z.enum(['subtitle', 'caption', 'forced-subtitle']),
  cues_count: z.number().int().positive(),
});

/** Full-reference quality of a rendition against the source, over sampled frames. */
export const Quality = z
  .object({
    ssim: z.number().describe('Mean structural similarity of the luma plane, 0 to 1.'),
    psnr: z
      .number()
      .describe('Mean peak signal-to-noise ratio of the luma plane in dB (100 where the frames are equal).'),
    vmaf: z.number().optional().describe('VMAF 0 to 100, where the ffmpeg in use has libvmaf.'),
    sampled_s: z.number().describe('Seconds of video that were compared.'),
  })
  .meta({
    id: 'Quality',
    description: 'Full-reference quality of a rendition against the source, over sampled frames.',
  });
export type Quality = z.infer<typeof Quality>;

/** What a chunk of a rendition is, so that the joined file can be proved to be made of it. */
export const ChunkProof = z
  .object({
    frame_count: z.number().int().positive(),
    first_s: z.number().describe('Its first frame on the clock of the whole video.'),
    digest: z.string().describe("Of the packets' bytes in decoding order."),
    times: z.string().describe('Digest of when each packet is shown, counted from the first frame.'),
    quality: Quality.optional(),
  })
  .meta({
    id: 'ChunkProof',
    description: 'What a chunk of a rendition is, so that the joined file can be proved to be made of it.',
  });
export type ChunkProof = z.infer<typeof ChunkProof>;

export const EncodeChunkResult = z.object({
  kind: z.literal('encode-chunk'),
  chunk: z.number().int().positive().describe('Number of the chunk, from 1.'),
  renditions: z.array(
    ChunkProof.extend({
      name: z.string(),
      object: ObjectRef.describe('Removed once the chunks are joined and the job has ended.'),
      extradata: z.string().describe("Digest of the decoder's configuration: equal in all chunks."),
    }),
  ),
  poster: z
    .object({ object: ObjectRef, width: z.number(), height: z.number() })
    .optional()
    .describe('The best candidate in this chunk, or the frame asked for where it is in it.'),
  tiles: ObjectRef.optional().describe('Tiles of the storyboard in this chunk: raw pictures.'),
  hardware: z.string(),
});
export type EncodeChunkResult = z.infer<typeof EncodeChunkResult>;

/** What `encode` makes of a video that is not split. */
export const StitchResult = EncodeResult.extend({ kind: z.literal('stitch') });
export type StitchResult = z.infer<typeof StitchResult>;

export const PackageResult = z.object({
  kind: z.literal('package'),
  prefix: z.string().describe('Every file of the HLS package lies below this key prefix, which ends in `/`.'),
  master: z.string().describe('Playlist paths are relative to the prefix.'),
  variants: z.array(
    z.object({ name: z.string(), playlist: z.string(), segments_count: z.number().int().positive() }),
  ),
  audio: z.object({ playlist: z.string(), segments_count: z.number().int().positive() }).optional(),
  audio_alternates: z
    .array(z.object({ name: z.string(), playlist: z.string(), segments_count: z.number().int().positive() }))
    .optional(),
  dash: z
    .object({
      manifest: z.string().describe('Path of the MPD, relative to the prefix.'),
      size_bytes: z
        .number()
        .int()
        .nonnegative()
        .describe('The manifest and the segments, which are those of HLS.'),
    })
    .optional(),
  subtitles: z.array(PackagedText).optional(),
  captions: PackagedText.optional().describe('The transcript as a track.'),
  subtitles_left_out: z
    .array(z.object({ name: z.string(), stream_index: z.number().int().nonnegative(), reason: z.string() }))
    .optional(),
  size_bytes: z.number().int().nonnegative(),
});
export type PackageResult = z.infer<typeof PackageResult>;

export const ThumbnailResult = z.object({
  kind: z.literal('thumbnail'),
  object: ObjectRef,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});

/** `available: false` with a reason is a success of the task: there was nothing to transcribe, or no engine for it. */
export const TranscribeResult = z.discriminatedUnion('available', [
  z.object({ kind: z.literal('transcribe'), available: z.literal(false), reason: z.string() }),
  z.object({
    kind: z.literal('transcribe'),
    available: z.literal(true),
    language: z.string(),
    language_source: z
      .enum(['declared', 'tagged', 'detected'])
      .describe('Whether the language was declared by the client, tagged in the container, or detected.'),
    engine: z.string(),
    formats: z.object({ txt: ObjectRef, srt: ObjectRef, vtt: ObjectRef, json: ObjectRef }),
    words_count: z.number().int().nonnegative(),
  }),
]);
export type TranscribeResult = z.infer<typeof TranscribeResult>;

/** One thing the gate looked at, with the figures that it measured. */
export const GateCheck = z
  .object({
    output: z.string(),
    check: z.string(),
    passed: z.boolean(),
    detail: z.string(),
  })
  .meta({ id: 'GateCheck', description: 'One thing the gate looked at, with the figures that it measured.' });
export type GateCheck = z.infer<typeof GateCheck>;

export const VerifyResult = z.object({
  kind: z.literal('verify'),
  checks: z.array(GateCheck),
  quality: z.record(z.string(), Quality),
});
export type VerifyResult = z.infer<typeof VerifyResult>;

export const TaskResult = z
  .union([
    IngestResult,
    InspectResult,
    EncodeResult,
    EncodeChunkResult,
    StitchResult,
    PackageResult,
    ThumbnailResult,
    TranscribeResult,
    VerifyResult,
  ])
  .meta({ id: 'TaskResult', description: 'What an attempt made, one form for each kind of task.' });
export type TaskResult = z.infer<typeof TaskResult>;
export type ResultOf<K extends TaskResult['kind']> = Extract<TaskResult, { kind: K }>;
