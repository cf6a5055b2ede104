import { z } from 'zod';
import { MediaInfo } from './media.ts';
import { ObjectRef } from './object-ref.ts';
import { ChunkProof, EncodeResult } from './task-results.ts';
import { Trim } from './trim.ts';
import { Watermark } from './watermark.ts';

/** Work classes, each a topic of its own; higher first, lower never starved. */
export const Priority = z.enum(['high', 'normal', 'low']).meta({
  id: 'Priority',
  description: 'Work classes, each a topic of its own; higher first, lower never starved.',
});
export type Priority = z.infer<typeof Priority>;

/** Codecs that videos are encoded in. */
export const VideoCodec = z.enum(['h264', 'hevc', 'av1']);
export type VideoCodec = z.infer<typeof VideoCodec>;

/** One rung of the ladder: the encoder's settings for one output video. */
export const Rendition = z
  .object({
    name: z
      .string()
      .regex(/^[a-z0-9-]+$/)
      .describe('Public name and file stem, e.g. `720p`: the short side in pixels.'),
    width: z.number().int().positive().describe('Even pixels, rotation applied.'),
    height: z.number().int().positive(),
    codec: VideoCodec,
    crf: z
      .number()
      .describe(
        "Constant quality on the codec's scale (lower is better); hardware encoders map it to their own.",
      ),
    preset: z.string(),
    max_bitrate: z
      .number()
      .int()
      .positive()
      .describe('Cap of the rate in bits per second (VBV maxrate; the buffer holds two seconds).'),
    least_ssim: z
      .number()
      .optional()
      .describe(
        'Floor of the quality where the constant quality decides, not the cap of the rate; absent: none.',
      ),
  })
  .meta({
    id: 'Rendition',
    description: "One rung of the ladder: the encoder's settings for one output video.",
  });
export type Rendition = z.infer<typeof Rendition>;

export const AudioEncoding = z
  .object({
    stream_index: z.number().int().nonnegative(),
    codec: z.enum(['aac']),
    bitrate: z.number().int().positive().describe('Bits per second.'),
    channels: z.number().int().positive(),
    language: z.string().optional(),
    loudness: z
      .object({ target_lufs: z.number().describe('Integrated loudness, EBU R128.') })
      .optional()
      .describe('Normalised to this in two passes; absent: left as it is.'),
  })
  .meta({ id: 'AudioEncoding' });
export type AudioEncoding = z.infer<typeof AudioEncoding>;

/** Sound of another language or kind than the default's, for a viewer to choose. */
export const AlternateAudio = AudioEncoding.extend({
  name: z
    .string()
    .regex(/^audio-[a-z0-9-]+$/)
    .describe('File stem and folder in the package, e.g. `audio-de`.'),
  title: z.string().optional(),
}).meta({
  id: 'AlternateAudio',
  description: "Sound of another language or kind than the default's, for a viewer to choose.",
});
export type AlternateAudio = z.infer<typeof AlternateAudio>;

export const PosterSpec = z
  .object({
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    time_s: z
      .number()
      .nonnegative()
      .optional()
      .describe('The first frame at or after this instant; absent: the richest of some samples.'),
  })
  .meta({ id: 'PosterSpec' });
export type PosterSpec = z.infer<typeof PosterSpec>;

/** A sheet of small frames at a fixed interval, for previews while seeking. */
export const StoryboardSpec = z
  .object({
    interval_s: z.number().positive(),
    tile_width: z.number().int().positive(),
    tile_height: z.number().int().positive(),
    columns: z.number().int().positive(),
    rows: z.number().int().positive(),
  })
  .meta({
    id: 'StoryboardSpec',
    description: 'A sheet of small frames at a fixed interval, for previews while seeking.',
  });
export type StoryboardSpec = z.infer<typeof StoryboardSpec>;

/** Some short moments of the video one after the other, small and without sound, to show what it is about. */
export const PreviewSpec = z
  .object({
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    frame_rate: z.number().positive(),
    moments: z.number().int().positive().describe('Spread evenly; fewer where the video is short.'),
    moment_s: z.number().positive(),
  })
  .meta({ id: 'PreviewSpec', description: 'Some short moments of the video as one animated picture.' });
export type PreviewSpec = z.infer<typeof PreviewSpec>;

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
});
export type EncodeSpec = z.infer<typeof EncodeSpec>;

/** Text subtitles of the source, to be a track of the package. */
export const SubtitleTrack = z
  .object({
    name: z
      .string()
      .regex(/^subtitles-[a-z0-9-]+$/)
      .describe('Folder in the package and stem of the download, e.g. `subtitles-de`.'),
    stream_index: z.number().int().nonnegative(),
    language: z.string().optional().describe('ISO 639 code as the container tags it.'),
    title: z.string().optional(),
    forced: z.literal(true).optional(),
    hearing_impaired: z.literal(true).optional(),
  })
  .meta({ id: 'SubtitleTrack', description: 'Text subtitles of the source, to be a track of the package.' });

/** A part of a video, from one keyframe of the source to the next one that was chosen. */
export const Chunk = z
  .object({
    number: z.number().int().positive().describe('From 1.'),
    from_s: z.number().describe('Its first frame, in seconds from the start of the file.'),
    to_s: z.number().optional().describe('The first frame of the next chunk; absent: to the end.'),
  })
  .meta({
    id: 'Chunk',
    description: 'A part of a video, from one keyframe of the source to the next one that was chosen.',
  });
export type Chunk = z.infer<typeof Chunk>;

/** Encodes the pictures of one chunk in every rendition, reading that part of the source only, and proves them. */
export const EncodeChunkSpec = EncodeSpec.omit({
  kind: true,
  audio: true,
  audio_alternates: true,
  trim: true,
}).extend({
  kind: z.literal('encode-chunk'),
  chunk: Chunk,
  first_s: z.number().describe('First frame of the whole video: keyframes are counted from there.'),
  quality: z.literal(false).optional().describe('Present where no figures are wanted.'),
});
export type EncodeChunkSpec = z.infer<typeof EncodeChunkSpec>;

/** Joins the chunks of every rendition without encoding, and adds the audio, which was encoded whole. */
export const StitchSpec = z.object({
  kind: z.literal('stitch'),
  duration_s: z.number().describe('Of the source.'),
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

/** The output gate: nothing is available that did not pass it. */
export const VerifySpec = z.object({
  kind: z.literal('verify'),
  source: ObjectRef,
  media: MediaInfo,
  trim: Trim.optional(),
  watermark: Watermark.optional(),
  renditions: z.array(
    Rendition.pick({ name: true, width: true, height: true }).extend({
      object: ObjectRef,
      codec: VideoCodec.optional().describe('Absent: H.264.'),
      max_bitrate: z.number().optional().describe('Where the rate comes near it, the floor is not asked.'),
      least_ssim: z.number().optional().describe('Floor of the quality; absent: none.'),
      chunks: z
        .array(ChunkProof)
        .optional()
        .describe(
          'What it was joined of, each part decoded and compared with the source where it was encoded.',
        ),
    }),
  ),
  audio: z
    .object({
      object: ObjectRef,
      stream_index: z
        .number()
        .int()
        .nonnegative()
        .optional()
        .describe('Of the source, which it was made of; absent: the default track, or the first.'),
    })
    .optional(),
  audio_alternates: z
    .array(z.object({ name: z.string(), object: ObjectRef, stream_index: z.number().int().nonnegative() }))
    .optional(),
  hls: z
    .object({
      prefix: z.string(),
      master: z.string(),
      manifest: z.string().optional().describe('Of DASH, over the same segments.'),
      texts: z.array(z.string()).optional().describe('Names of the text tracks; absent: not looked at.'),
    })
    .optional(),
  quality: z
    .literal(false)
    .optional()
    .describe('Present where no figures are wanted: then only the first second is held against the source.'),
});
export type VerifySpec = z.infer<typeof VerifySpec>;

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
