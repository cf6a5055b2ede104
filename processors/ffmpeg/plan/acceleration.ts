import type { VideoStream } from '@transcodeflow/shared/contracts/media.ts';
import type { Acceleration, OutputCodec } from '../../hardware/hardware-report.ts';
import { type Picture, type Size, tags } from './picture.ts';

/** Where each step of one encode runs. */
export interface Route {
  /** The device whose frames the decoder and the scaler keep in its own memory. */
  frames?: Acceleration;
  /** The device that encodes; the CPU where absent. */
  encoder?: Acceleration;
}

/** What hardware decoders commonly take; anything else is decoded by the CPU. */
const DEVICE_CODECS = new Set(['h264', 'hevc', 'vp9', 'av1', 'mpeg2video']);
/** Full range (yuvj420p) is left out: device scalers do not convert it, and outputs are tagged as limited range. */
const DEVICE_FORMATS = new Set(['yuv420p', 'nv12']);
/** Of 10 bits: H.264's High 10 is left out, which nearly no device decodes. */
const DEVICE_CODECS10 = new Set(['hevc', 'vp9', 'av1']);
const DEVICE_FORMATS10 = new Set(['yuv420p10le', 'p010le']);

/**
 * The best device that encodes, and its own decoder or else the best one that decodes. Device memory is for plain
 * pictures: turning, deinterlacing, tone mapping and watermarks are done by CPU filters.
 */
export function chooseRoute(
  video: VideoStream,
  usable: readonly Acceleration[],
  { codecs = ['h264'], overlaid = false }: { codecs?: readonly OutputCodec[]; overlaid?: boolean } = {},
): Route {
  const encoder = encoderFor(codecs, usable);
  const plain =
    !overlaid && video.rotation === 0 && !video.interlaced && !video.unflagged_fields && !video.hdr;
  const own = encoder && decodes(encoder, video) ? encoder : undefined;
  const frames = plain ? (own ?? usable.find((device) => decodes(device, video))) : undefined;
  return { ...(frames && { frames }), ...(encoder && { encoder }) };
}

/** The best device that encodes all of the codecs: pictures that must go two ways would cost more than they save. */
export const encoderFor = (
  codecs: readonly OutputCodec[],
  usable: readonly Acceleration[],
): Acceleration | undefined =>
  usable.find(({ encode, codecs: known = encode ? ['h264'] : [] }) =>
    codecs.every((codec) => known.includes(codec)),
  );

function decodes(
  { decode, decode10 = false }: Acceleration,
  { codec, pixel_format = '' }: VideoStream,
): boolean {
  if (DEVICE_FORMATS10.has(pixel_format)) return decode10 && DEVICE_CODECS10.has(codec);
  return decode && DEVICE_CODECS.has(codec) && DEVICE_FORMATS.has(pixel_format);
}

const isSame = (one: Acceleration, other: Acceleration) =>
  one.kind === other.kind && one.device === other.device;

/** For the job's history, e.g. `cuda (decode, scale) + cpu (encode)`. */
export function describeRoute({ frames, encoder }: Route): string {
  if (!frames && !encoder) return 'cpu';
  if (frames && encoder && isSame(frames, encoder)) return `${nameOf(frames)} (decode, scale, encode)`;
  return `${nameOf(frames)} (decode, scale) + ${nameOf(encoder)} (encode)`;
}

/** GPUs of one kind are told apart by their number; render nodes stand in the command. */
const nameOf = (device: Acceleration | undefined): string => {
  if (!device) return 'cpu';
  return device.kind === 'cuda' && device.device !== undefined ? `cuda:${device.device}` : device.kind;
};

/** Options before everything else. */
export function deviceOptions({ frames, encoder }: Route): string[] {
  const device = [encoder, frames].find((each) => each?.kind === 'vaapi');
  if (!device) return [];
  return ['-init_hw_device', `vaapi=va:${device.device ?? '/dev/dri/renderD128'}`, '-filter_hw_device', 'va'];
}

/** Options before the input. */
export function decodeOptions({ frames }: Route): string[] {
  if (!frames) return [];
  const name = frames.kind === 'vaapi' ? 'va' : frames.kind === 'cuda' ? frames.device : undefined;
  const device = name === undefined ? [] : ['-hwaccel_device', name];
  return ['-hwaccel', frames.kind, ...device, '-hwaccel_output_format', frames.kind];
}

/**
 * Where the resolution changes in the midst of a source, ffmpeg sets up all filters anew, and the outputs other than
 * the first end there: 27 frames of 50 were left (measured). `scale` takes frames of any size, so nothing is set up
 * anew where it is the first filter to see them: not on a device, nor where ffmpeg turns the picture before.
 */
export const resizeOptions = (video: VideoStream, { frames }: Route = {}): string[] =>
  frames || video.rotation !== 0 ? [] : ['-reinit_filter', '0'];

/** How a CPU's picture reaches the encoder: NVENC takes it as it is, QSV knows no yuv420p. */
const TO_ENCODER: Record<Acceleration['kind'], string[]> = {
  cuda: [],
  vaapi: ['format=nv12', 'hwupload'],
  qsv: ['format=nv12'],
};

/** The picture's filters where frames live in device memory. */
export function devicePicture(picture: Picture, video: VideoStream, { frames, encoder }: Route): Picture {
  const upload = encoder ? TO_ENCODER[encoder.kind] : [];
  if (!frames) return { ...picture, toEncoder: upload };
  const format = frames.kind === 'cuda' ? 'yuv420p' : 'nv12';
  const scale = (size: Size) => `scale_${frames.kind}=${size.width}:${size.height}:format=${format}`;
  const download = ['hwdownload', `format=${format}`];
  return {
    shared: [],
    toEncoder: [],
    rendition: (size) => {
      if (encoder && isSame(frames, encoder)) return [scale(size), ...tags(video, false)];
      return [scale(size), ...download, 'format=yuv420p', ...tags(video, false), ...upload];
    },
    still: (size) => [scale(size), ...download, ...picture.still(size)],
  };
}
