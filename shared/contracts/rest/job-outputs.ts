import { z } from 'zod';
import { Quality } from '../task-results.ts';

/** What did not apply, or is not there yet. */
const Unavailable = z
  .strictObject({
    available: z.literal(false),
    reason: z.string().describe('Why, for the person who asks: a silent source has no audio …'),
  })
  .meta({ id: 'UnavailableOutput' });

const url = (what: string) => z.url().describe(`${what}; works as it stands, with the API key.`);
const bytes = z.number().int().nonnegative();
const available = z.literal(true);

const Rendition = z
  .strictObject({
    available,
    download_url: url('MP4'),
    size_bytes: bytes,
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    bitrate: z.number().nonnegative().describe('Bits per second over the whole file.'),
    duration_s: z.number().nonnegative(),
    codec: z.string(),
    compression_ratio: z.number().describe('Output bytes divided by source bytes.'),
    quality: Quality.optional(),
  })
  .meta({ id: 'RenditionOutput' });

const Audio = z
  .strictObject({
    available,
    download_url: url('M4A'),
    size_bytes: bytes,
    codec: z.string(),
    bitrate: z.number().nonnegative(),
    duration_s: z.number().nonnegative(),
    channels: z.number().int().positive(),
    language: z.string().optional(),
  })
  .meta({ id: 'AudioOutput' });

const AudioTrack = Audio.extend({
  title: z.string().optional().describe('As the source has it, e.g. `Commentary`.'),
  default: z.boolean().describe('Whether it is the sound of the renditions, and `audio`.'),
}).meta({ id: 'AudioTrackOutput' });

const Transcription = z
  .strictObject({
    available,
    language: z.string(),
    engine: z.string(),
    words_count: z.number().int().nonnegative(),
    size_bytes: bytes,
    formats: z.strictObject({
      txt: url('Plain text'),
      srt: url('SubRip'),
      vtt: url('WebVTT'),
      json: url('Words with times'),
    }),
  })
  .meta({ id: 'TranscriptionOutput' });

const HlsVariant = z
  .strictObject({
    available,
    playlist_url: url('Media playlist'),
    segments_count: z.number().int().positive(),
  })
  .meta({ id: 'HlsVariant' });

const Hls = z
  .object({ available, master_url: url('Master playlist'), size_bytes: bytes })
  .catchall(z.union([HlsVariant, Unavailable]))
  .meta({ id: 'HlsOutput', description: 'The other fields are the variants, such as `720p`.' });

const Dash = z
  .strictObject({
    available,
    manifest_url: url('MPD'),
    size_bytes: bytes.describe('The manifest and the segments, which are those of HLS.'),
  })
  .meta({ id: 'DashOutput' });

const Subtitles = z
  .strictObject({
    available,
    tracks: z.record(
      z.string(),
      z.union([
        z.strictObject({
          available,
          download_url: url('WebVTT'),
          playlist_url: url('Media playlist'),
          size_bytes: bytes,
          language: z.string().optional().describe('BCP 47.'),
          label: z.string().describe('As menus of players show it.'),
          role: z.enum(['subtitle', 'caption', 'forced-subtitle']),
          cues_count: z.number().int().positive(),
        }),
        Unavailable,
      ]),
    ),
  })
  .meta({ id: 'SubtitlesOutput', description: 'Of the source, by name, such as `subtitles-de`.' });

const Thumbnail = z
  .strictObject({
    available,
    download_url: url('JPEG'),
    size_bytes: bytes,
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    custom: z.boolean().describe('Whether it is the one that was uploaded.'),
  })
  .meta({ id: 'ThumbnailOutput' });

const Storyboard = z
  .strictObject({
    available,
    image_url: url('Sheet of small frames'),
    vtt_url: url('WebVTT that says which tile is shown when'),
    tiles: z.number().int().positive(),
    size_bytes: bytes,
  })
  .meta({ id: 'StoryboardOutput' });

const Preview = z
  .strictObject({
    available,
    download_url: url('Animated WebP, or GIF where the ffmpeg in use lacks that'),
    size_bytes: bytes,
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    duration_s: z.number().positive().describe('Of one round; it begins anew.'),
  })
  .meta({ id: 'PreviewOutput' });

/** The outputs of a job, one row each, available or not; the other fields are the renditions. */
export const JobOutputs = z
  .object({
    audio: z.union([Audio, Unavailable]),
    transcription: z.union([Transcription, Unavailable]),
    hls: z.union([Hls, Unavailable]),
    dash: z.union([Dash, Unavailable]),
    subtitles: z.union([Subtitles, Unavailable]),
    thumbnail: z.union([Thumbnail, Unavailable]),
    storyboard: z.union([Storyboard, Unavailable]),
    preview: z.union([Preview, Unavailable]),
  })
  .catchall(z.union([Rendition, AudioTrack, Unavailable]))
  .meta({
    id: 'JobOutputs',
    description:
      'One row for each output, available or not, with the reason. The other fields are the renditions, such as `720p`, ' +
      'and where several languages were wanted their sound, such as `audio-de`.',
  });
export type JobOutputs = z.infer<typeof JobOutputs>;
