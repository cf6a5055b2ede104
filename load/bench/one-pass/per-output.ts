import type { MediaTools } from '@transcodeflow/processors/ffmpeg/media-tools.ts';
import { encoderOptions, keyframeOptions } from '@transcodeflow/processors/ffmpeg/plan/video-encoder.ts';
import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import type { Rendition } from '@transcodeflow/shared/contracts/rendition.ts';
import { execa } from 'execa';

/**
 * The same outputs as a script would make them that has one ffmpeg command for each: the MP4s, the sound, an HLS stream
 * of each rendition and a thumbnail; the same scaler, encoder, quality, caps and keyframes.
 */
export async function encodePerOutput(
  tools: MediaTools,
  source: string,
  folder: string,
  media: MediaInfo,
  { renditions, audio, gop_s, segment_s, poster }: Plan,
): Promise<void> {
  const rate = media.video?.frame_rate;
  const sound = audio ? ['-c:a', 'aac', '-b:a', String(audio.bitrate), '-ac', String(audio.channels)] : [];
  const picture = (rendition: Rendition) => [
    ...['-vf', `scale=${rendition.width}:${rendition.height}:flags=bicubic,format=yuv420p`],
    ...encoderOptions(rendition, 0, { device: undefined, frameRate: rate, encoders: undefined }),
    ...keyframeOptions(gop_s, rate),
  ];
  const hls = (name: string) => [
    ...[
      '-f',
      'hls',
      '-hls_time',
      String(segment_s),
      '-hls_playlist_type',
      'vod',
      '-hls_segment_type',
      'fmp4',
    ],
    ...['-hls_fmp4_init_filename', `${name}-init.mp4`],
    ...['-hls_segment_filename', `${name}-%05d.m4s`, `${name}.m3u8`],
  ];
  const outputs = [
    ...renditions.map((rendition) => [
      ...picture(rendition),
      ...sound,
      '-movflags',
      '+faststart',
      `${rendition.name}.mp4`,
    ]),
    ...(audio ? [['-vn', ...sound, '-movflags', '+faststart', 'audio.m4a']] : []),
    ...renditions.map((rendition) => [...picture(rendition), ...sound, ...hls(rendition.name)]),
    ...(poster
      ? [
          [
            ...['-an', '-vf', `thumbnail=100,scale=${poster.width}:${poster.height}`],
            ...['-frames:v', '1', '-update', '1', 'thumbnail.jpg'],
          ],
        ]
      : []),
  ];
  for (const output of outputs)
    await execa(tools.ffmpeg, ['-nostdin', '-v', 'error', '-y', '-i', source, ...output], { cwd: folder });
}
