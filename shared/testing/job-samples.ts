import type { JobEventOf } from '../contracts/job-events.ts';
import type { MediaInfo, VideoStream } from '../contracts/media.ts';
import type { ObjectRef } from '../contracts/object-ref.ts';
import type { TaskResult } from '../contracts/task-results.ts';
import type { TaskSpec } from '../contracts/tasks.ts';
import { sourceKey } from '../objects/keys.ts';

/** Values as the real parts make them, for tests that need some job and not a particular one. */

export const sampleRef = (key: string, size_bytes = 1_000, content_type = 'video/mp4'): ObjectRef => ({
  key,
  size_bytes,
  content_type,
});

export const sampleVideo = (changes: Partial<VideoStream> = {}): VideoStream => ({
  index: 0,
  codec: 'h264',
  coded_width: changes.width ?? 1920,
  coded_height: changes.height ?? 1080,
  width: 1920,
  height: 1080,
  rotation: 0,
  hdr: false,
  interlaced: false,
  ...changes,
});

/** Ten seconds of 1080p with stereo sound. */
export const sampleMedia = ({
  video,
  ...changes
}: Partial<Omit<MediaInfo, 'video'>> & { video?: Partial<VideoStream> } = {}): MediaInfo => ({
  format: 'mov,mp4,m4a,3gp,3g2,mj2',
  duration_s: 10,
  size_bytes: 10_000_000,
  audio: [{ index: 1, codec: 'aac', channels: 2, sample_rate: 48_000, default: true }],
  subtitles: [],
  ignored: [],
  ...changes,
  video: sampleVideo(video),
});

export const sampleRequest = (
  jobId: string,
  changes: Partial<JobEventOf<'JobRequested'>['data']> = {},
): JobEventOf<'JobRequested'>['data'] => ({
  account_id: 'account-1',
  filename: 'holiday.mp4',
  source: sampleRef(sourceKey(jobId), 10_000_000),
  profile: 'default',
  options: {},
  priority: 'normal',
  metadata: {},
  ...changes,
});

/** What a worker would report of a task: fits its spec and names only objects below the attempt's prefix. */
export function sampleResult(spec: TaskSpec, prefix: string, media: MediaInfo = sampleMedia()): TaskResult {
  const object = (name: string, size = 1_000) => sampleRef(`${prefix}${name}`, size);
  switch (spec.kind) {
    case 'ingest':
      return { kind: 'ingest', source: object('source', 10_000_000), sha256: 'a'.repeat(64) };
    case 'inspect':
      return { kind: 'inspect', media };
    case 'encode':
      return {
        kind: 'encode',
        renditions: spec.renditions.map(({ name, width, height, codec }) => ({
          name,
          object: object(`${name}.mp4`, 2_000_000),
          width,
          height,
          bitrate: 1_600_000,
          duration_s: 10,
          frame_count: 250,
          codec,
        })),
        ...(spec.audio
          ? {
              audio: {
                object: object('audio.m4a', 160_000),
                codec: 'aac',
                bitrate: 128_000,
                duration_s: 10,
                channels: 2,
              },
            }
          : {}),
        ...(spec.poster ? { poster: { object: object('poster.jpg', 50_000), ...spec.poster } } : {}),
        ...(spec.storyboard
          ? {
              storyboard: {
                image: object('storyboard.jpg', 40_000),
                vtt: object('storyboard.vtt', 900),
                tiles: 10,
              },
            }
          : {}),
        hardware: 'cpu',
      };
    case 'encode-chunk':
      return {
        kind: 'encode-chunk',
        chunk: spec.chunk.number,
        renditions: spec.renditions.map(({ name }) => ({
          name,
          object: object(`${name}.mp4`, 700_000),
          frame_count: 80,
          first_s: spec.chunk.from_s,
          digest: `${name}-${spec.chunk.number}`,
          times: 'times',
          extradata: 'extradata',
          quality: { ssim: 0.98, psnr: 41, sampled_s: 1 },
        })),
        poster: { object: object('thumbnail.jpg', 40_000 + spec.chunk.number), width: 1280, height: 720 },
        tiles: object('storyboard.yuv', 64_000),
        hardware: 'cpu',
      };
    case 'stitch':
      return {
        kind: 'stitch',
        renditions: spec.renditions.map(({ name }) => ({
          name,
          object: object(`${name}.mp4`, 2_000_000),
          width: 640,
          height: 360,
          bitrate: 1_600_000,
          duration_s: 10,
          frame_count: 250,
          codec: 'h264',
        })),
        ...(spec.audio ? { audio: spec.audio } : {}),
        poster: { object: object('thumbnail.jpg', 50_000), width: 1280, height: 720 },
        hardware: 'cpu',
      };
    case 'package':
      return {
        kind: 'package',
        prefix: `${prefix}hls/`,
        master: 'master.m3u8',
        variants: spec.renditions.map(({ name }) => ({
          name,
          playlist: `${name}/index.m3u8`,
          segments_count: 3,
        })),
        ...(spec.subtitles && {
          subtitles: spec.subtitles.streams.map(({ name, language }) => ({
            name,
            playlist: `${name}/playlist.m3u8`,
            object: object(`hls/${name}/text.vtt`, 300),
            language,
            label: name,
            role: 'subtitle' as const,
            cues_count: 2,
          })),
        }),
        ...(spec.dash && { dash: { manifest: 'manifest.mpd', size_bytes: 2_050_000 } }),
        size_bytes: 2_100_000,
      };
    case 'thumbnail':
      return { kind: 'thumbnail', object: object('thumbnail.jpg', 60_000), width: 1280, height: 720 };
    case 'transcribe':
      return {
        kind: 'transcribe',
        available: true,
        language: 'en',
        language_source: 'detected',
        engine: 'moonshine-tiny',
        formats: {
          txt: object('t.txt', 80),
          srt: object('t.srt', 120),
          vtt: object('t.vtt', 130),
          json: object('t.json', 400),
        },
        words_count: 12,
      };
    case 'verify':
      return {
        kind: 'verify',
        checks: [{ output: '360p', check: 'duration', passed: true, detail: '10.0 s of 10.0 s' }],
        quality: Object.fromEntries(
          spec.renditions.map(({ name }) => [name, { ssim: 0.98, psnr: 41, sampled_s: 4 }]),
        ),
      };
  }
}
