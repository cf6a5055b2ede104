import type { EncodeSpec } from '@transcodeflow/shared/contracts/encode-specs.ts';
import { filmOf, type MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import type { Rendition } from '@transcodeflow/shared/contracts/rendition.ts';

/** What a planner would ask for: rungs by the short side, never above the source, even sizes. */
export function encodeSpec(
  source: ObjectRef,
  media: MediaInfo,
  changes: Partial<EncodeSpec> = {},
): EncodeSpec {
  const { width, height } = filmOf(media).video;
  const short = Math.min(width, height);
  const even = (value: number) => Math.max(2, Math.round(value / 2) * 2);
  const rung = (side: number): Rendition => ({
    name: `${side}p`,
    width: even((width * side) / short),
    height: even((height * side) / short),
    codec: 'h264',
    crf: 23,
    preset: 'veryfast',
    max_bitrate: side >= 720 ? 4_000_000 : 1_200_000,
  });
  const sides = [360, 720].filter((side) => side <= short);
  const small = even((width * 180) / height);
  const [first] = media.audio;
  return {
    kind: 'encode',
    source,
    media,
    renditions: (sides.length > 0 ? sides : [short]).map(rung),
    ...(first && {
      audio: {
        stream_index: first.index,
        codec: 'aac' as const,
        bitrate: 128_000,
        channels: Math.min(2, first.channels),
      },
    }),
    poster: { width: even((width * 360) / height), height: 360 },
    storyboard: { interval_s: 2, tile_width: small, tile_height: 180, columns: 5, rows: 5 },
    preview: { width: even(small / 2), height: 90, frame_rate: 8, moments: 3, moment_s: 0.5 },
    gop_s: 2,
    ...changes,
  };
}
