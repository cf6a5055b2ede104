import { deviceEncoderName } from '@transcodeflow/processors/ffmpeg/plan/device-encoder.ts';
import { chooseRoute, describeRoute, encoderFor } from '@transcodeflow/processors/ffmpeg/plan/route.ts';
import {
  type HardwareReport,
  OUTPUT_CODECS,
  type OutputCodec,
} from '@transcodeflow/processors/hardware/hardware-report.ts';
import type { VideoStream } from '@transcodeflow/shared/contracts/media.ts';

/** Where a source of one kind would be encoded. */
export interface RouteChoice {
  /** e.g. `hevc, 10-bit`. */
  source: string;
  /** e.g. `cuda (decode, scale) + cpu (encode)`. */
  route: string;
}

export interface EncoderChoice {
  codec: OutputCodec;
  /** ffmpeg's name, e.g. `hevc_vaapi`. */
  encoder: string;
  device?: string | undefined;
}

const plain: VideoStream = {
  index: 0,
  codec: 'h264',
  pixel_format: 'yuv420p',
  coded_width: 1920,
  coded_height: 1080,
  width: 1920,
  height: 1080,
  rotation: 0,
  frame_rate: 25,
  hdr: false,
  interlaced: false,
};

const SOURCES: Record<string, Partial<VideoStream>> = {
  h264: {},
  hevc: { codec: 'hevc' },
  'hevc, 10-bit': { codec: 'hevc', pixel_format: 'yuv420p10le', bit_depth: 10 },
  vp9: { codec: 'vp9' },
  av1: { codec: 'av1' },
  mpeg2video: { codec: 'mpeg2video' },
  prores: { codec: 'prores', pixel_format: 'yuv422p10le', bit_depth: 10 },
  'h264, rotated': { rotation: 90 },
  'h264, interlaced': { interlaced: true },
  'hevc, HDR': { codec: 'hevc', pixel_format: 'yuv420p10le', bit_depth: 10, hdr: true },
};

const ON_CPU: Record<OutputCodec, string> = { h264: 'libx264', hevc: 'libx265', av1: 'libsvtav1' };

/** The encoder of each output codec: the best device's, else the CPU's. */
export function encoderChoices({ mode, usable }: HardwareReport): EncoderChoice[] {
  return OUTPUT_CODECS.map((codec) => {
    const found = encoderFor([codec], mode === 'off' ? [] : usable);
    return {
      codec,
      encoder: found ? deviceEncoderName(found, codec) : ON_CPU[codec],
      device: found?.device,
    };
  });
}

/**
 * What is said of videos in chunks: the CPU encodes those, whatever there is.
 * @param seconds as `CHUNK_SECONDS` has it
 */
export function chunkChoice({ mode, usable }: HardwareReport, seconds: number): string | undefined {
  const encodes = usable.some(({ encode, codecs }) => encode || (codecs && codecs.length > 0));
  if (mode === 'off' || !encodes || seconds === 0) return undefined;
  const who = `CHUNK_SECONDS=${seconds}: of MP4, MOV, Matroska and WebM, videos of ${3 * seconds} s or more are encoded in chunks, by the CPU`;
  const so = mode === 'required' ? '; with HARDWARE=required they fail (hardware_required)' : '';
  return `${who}${so}. With CHUNK_SECONDS=0 the hardware encodes them whole.`;
}

/** What the planner itself would do with each kind of source, as far as it can be told without the file. */
export function routeChoices({ mode, usable }: HardwareReport): RouteChoice[] {
  return Object.entries(SOURCES).map(([source, changes]) => ({
    source,
    route: describeRoute(chooseRoute({ ...plain, ...changes }, mode === 'off' ? [] : usable)),
  }));
}
