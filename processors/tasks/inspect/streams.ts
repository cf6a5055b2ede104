import type { AudioStream, SubtitleStream, VideoStream } from '@transcodeflow/shared/contracts/media.ts';
import { type ProbedStream, ratio } from '../../ffmpeg/probed-file.ts';

/** Clockwise degrees that a player turns the picture: ffprobe counts the other way; to the nearest quarter. */
export function rotationOf(stream: ProbedStream): number {
  const counterClockwise =
    stream.side_data_list.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  return ((((Math.round(-counterClockwise / 90) * 90) % 360) + 360) % 360) + 0;
}

/** Whether the display matrix flips the picture, too: its upper left quarter has a negative determinant. */
function isMirrored({ side_data_list }: ProbedStream): boolean {
  const matrix = side_data_list.find(({ displaymatrix }) => displaymatrix !== undefined)?.displaymatrix ?? '';
  const [[a = 1, b = 0] = [], [c = 0, d = 1] = []] = matrix
    .split('\n')
    .flatMap((line) => (/^\d+:/.test(line) ? [line.split(/\s+/).slice(1).map(Number)] : []));
  return a * d - b * c < 0;
}

/** Pixels wider than 8:1 either way are a broken header, not a film. */
function pixelAspect(stream: ProbedStream): number {
  const sar = ratio(stream.sample_aspect_ratio, ':') ?? 1;
  return sar >= 1 / 8 && sar <= 8 ? sar : 1;
}

export function describeVideo(stream: ProbedStream): VideoStream {
  const coded = { width: stream.width ?? 0, height: stream.height ?? 0 };
  const wide = Math.max(1, Math.round(coded.width * pixelAspect(stream)));
  const rotation = rotationOf(stream);
  const upright = rotation % 180 === 0;
  // r_frame_rate is a guess at the finest common rate (1000 for some VFR files): only the average is honest.
  const frameRate = ratio(stream.avg_frame_rate) ?? ratio(stream.r_frame_rate);
  const bitDepth = stream.bits_per_raw_sample || depthOf(stream.pix_fmt);
  const hdr = stream.color_transfer === 'smpte2084' || stream.color_transfer === 'arib-std-b67';
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    coded_width: coded.width,
    coded_height: coded.height,
    width: upright ? wide : coded.height,
    height: upright ? coded.height : wide,
    rotation,
    ...(isMirrored(stream) && { mirrored: true as const }),
    hdr,
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(stream.field_order ?? ''),
    ...defined({
      profile: known(stream.profile),
      pixel_format: known(stream.pix_fmt),
      sample_aspect_ratio: known(stream.sample_aspect_ratio),
      frame_rate: frameRate,
      frame_count: stream.nb_frames,
      bit_depth: bitDepth,
      color_transfer: known(stream.color_transfer),
      color_primaries: known(stream.color_primaries),
      color_space: known(stream.color_space),
      bitrate: stream.bit_rate,
    }),
  };
}

export function describeAudio(stream: ProbedStream): AudioStream {
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    channels: stream.channels ?? 0,
    sample_rate: stream.sample_rate ?? 0,
    default: stream.disposition.default === 1,
    ...defined({ language: languageOf(stream), bitrate: stream.bit_rate, title: titleOf(stream) }),
  };
}

const TEXT_SUBTITLES = new Set([
  'subrip',
  'srt',
  'ass',
  'ssa',
  'mov_text',
  'webvtt',
  'text',
  'ttml',
  'eia_608',
]);

export function describeSubtitle(stream: ProbedStream): SubtitleStream {
  const codec = stream.codec_name ?? 'unknown';
  return {
    index: stream.index,
    codec,
    text: TEXT_SUBTITLES.has(codec),
    ...(stream.disposition.default === 1 && { default: true as const }),
    ...(stream.disposition.forced === 1 && { forced: true as const }),
    ...(stream.disposition.hearing_impaired === 1 && { hearing_impaired: true as const }),
    ...defined({ language: languageOf(stream), title: titleOf(stream) }),
  };
}

/** For menus; no longer than one. MP4 has names of handlers in its place, which say nothing. */
const titleOf = ({ tags }: ProbedStream): string | undefined => tags.title?.trim().slice(0, 100) || undefined;

export function languageOf(stream: ProbedStream): string | undefined {
  const language = stream.tags.language;
  return language && language !== 'und' ? language : undefined;
}

const known = (value: string | undefined) =>
  value === undefined || value === 'unknown' || value === 'N/A' ? undefined : value;

/** `yuv420p10le` → 10, `p010le` → 10; eight where the name says nothing. */
function depthOf(pixelFormat: string | undefined): number | undefined {
  if (pixelFormat === undefined) return undefined;
  const digits = /p0?(9|10|12|14|16)(?:le|be)?$/.exec(pixelFormat)?.[1];
  return digits ? Number(digits) : 8;
}

function defined<T extends Record<string, unknown>>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
