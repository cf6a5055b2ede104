import type { VideoStream } from '@transcodeflow/shared/contracts/media.ts';
import type { Acceleration } from '../../hardware/hardware-report.ts';
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
const DEVICE_FORMATS = new Set(['yuv420p', 'nv12', 'yuvj420p']);

/** Device memory is for plain pictures: turning, deinterlacing and tone mapping are done by CPU filters. */
export function chooseRoute(video: VideoStream, usable: readonly Acceleration[]): Route {
  const best = usable[0];
  if (!best) return {};
  const plain = video.rotation === 0 && !video.interlaced && !video.unflagged_fields && !video.hdr;
  const decodable = DEVICE_CODECS.has(video.codec) && DEVICE_FORMATS.has(video.pixel_format ?? '');
  return {
    ...(best.decode && plain && decodable && { frames: best }),
    ...(best.encode && { encoder: best }),
  };
}

/** For the job's history, e.g. `cuda (decode, scale) + cpu (encode)`. */
export function describeRoute({ frames, encoder }: Route): string {
  if (!frames && !encoder) return 'cpu';
  if (frames && encoder) return `${frames.kind} (decode, scale, encode)`;
  return frames
    ? `${frames.kind} (decode, scale) + cpu (encode)`
    : `cpu (decode, scale) + ${encoder?.kind} (encode)`;
}

/** Options before everything else. */
export function deviceOptions({ frames, encoder }: Route): string[] {
  const device = frames ?? encoder;
  if (device?.kind !== 'vaapi') return [];
  return ['-init_hw_device', `vaapi=va:${device.device ?? '/dev/dri/renderD128'}`, '-filter_hw_device', 'va'];
}

/** Options before the input. */
export function decodeOptions({ frames }: Route): string[] {
  if (!frames) return [];
  const device = frames.kind === 'vaapi' ? ['-hwaccel_device', 'va'] : [];
  return ['-hwaccel', frames.kind, ...device, '-hwaccel_output_format', frames.kind];
}

/**
 * Where the resolution changes in the midst of a source, ffmpeg sets up all filters anew, and the outputs other than
 * the first end there: 27 frames of 50 were left (measured). `scale` takes frames of any size, so nothing is set up
 * anew where it is the first filter to see them: not on a device, nor where ffmpeg turns the picture before.
 */
export const resizeOptions = (video: VideoStream, { frames }: Route = {}): string[] =>
  frames || video.rotation !== 0 ? [] : ['-reinit_filter', '0'];

/** The picture's filters where frames live in device memory. */
export function devicePicture(picture: Picture, video: VideoStream, { frames, encoder }: Route): Picture {
  const upload = encoder?.kind === 'vaapi' ? ['format=nv12', 'hwupload'] : [];
  if (!frames) return { ...picture, rendition: (size) => [...picture.rendition(size), ...upload] };
  const format = frames.kind === 'cuda' ? 'yuv420p' : 'nv12';
  const scale = (size: Size) => `scale_${frames.kind}=${size.width}:${size.height}:format=${format}`;
  const download = ['hwdownload', `format=${format}`];
  return {
    shared: [],
    rendition: (size) => {
      const local = encoder ? [] : [...download, 'format=yuv420p'];
      return [scale(size), ...local, ...tags(video, false)];
    },
    still: (size) => [scale(size), ...download, ...picture.still(size)],
  };
}
