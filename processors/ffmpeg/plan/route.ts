import type { VideoStream } from '@transcodeflow/shared/contracts/media.ts';
import type { Acceleration, OutputCodec } from '../../hardware/hardware-report.ts';

/** Where each step of one encode runs. */
export interface Route {
  /** The device whose frames the decoder and the scaler keep in its own memory. */
  frames?: Acceleration;
  /** The device that encodes; the CPU where absent. */
  encoder?: Acceleration;
}

/** What hardware decoders commonly take; anything else is decoded by the CPU. */
const DEVICE_CODECS = new Set(['h264', 'hevc', 'vp9', 'av1', 'mpeg2video']);
const DEVICE_FORMATS = new Set(['yuv420p', 'nv12']);
/** Its range is kept by `scale_cuda` (tried) and converted after it. What other devices' scalers do was not tried. */
const FULL_RANGE = 'yuvj420p';
/** Of 10 bits: H.264's High 10 is left out, which nearly no device decodes. */
const DEVICE_CODECS10 = new Set(['hevc', 'vp9', 'av1']);
const DEVICE_FORMATS10 = new Set(['yuv420p10le', 'p010le']);

/** What is done with a source beside scaling. */
export interface Wish {
  codecs?: readonly OutputCodec[];
  /** HDR becomes SDR. */
  toneMap?: boolean;
}

/**
 * The best device that encodes, and its own decoder or else the best one that decodes. Frames are decoded and scaled in
 * device memory wherever that is right; turning, tone mapping and watermarks follow on the CPU, which then has only the
 * small pictures to do.
 */
export function chooseRoute(
  video: VideoStream,
  usable: readonly Acceleration[],
  { codecs = ['h264'], toneMap = true }: Wish = {},
): Route {
  const encoder = encoderFor(codecs, usable);
  const takes = (device: Acceleration) => decodes(device, video) && prepares(device, video, toneMap);
  const frames = encoder && takes(encoder) ? encoder : usable.find(takes);
  return { ...(frames && { frames }), ...(encoder && { encoder }) };
}

/** What must be done before frames may be scaled, or is left to do in more than 8 bits. Tried on CUDA alone. */
function prepares(
  { kind, deinterlace = false }: Acceleration,
  { interlaced, unflagged_fields, hdr, mirrored }: VideoStream,
  toneMap: boolean,
): boolean {
  if (mirrored || (hdr && toneMap && kind !== 'cuda')) return false;
  return deinterlace || !(interlaced || unflagged_fields);
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
  { kind, decode, decode10 = false }: Acceleration,
  { codec, pixel_format = '' }: VideoStream,
): boolean {
  if (pixel_format === FULL_RANGE) return decode && kind === 'cuda' && DEVICE_CODECS.has(codec);
  if (DEVICE_FORMATS10.has(pixel_format)) return decode10 && DEVICE_CODECS10.has(codec);
  return decode && DEVICE_CODECS.has(codec) && DEVICE_FORMATS.has(pixel_format);
}

export const isSame = (one: Acceleration, other: Acceleration) =>
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
