import type { Rendition } from '@transcodeflow/shared/contracts/rendition.ts';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { deviceEncoder } from './device-encoder.ts';
import { aom, cap, type Options, svtAv1, within, x265 } from './newer-codecs.ts';
import { softwareEncoder } from './software-encoder.ts';

interface Encoding {
  /** The CPU where absent. */
  device: Acceleration | undefined;
  /** Average per second. */
  frameRate: number | undefined;
  /** Of this ffmpeg, by name. */
  encoders: ReadonlySet<string> | undefined;
  /** Of a software encoder; absent: as many as it likes. */
  threads?: number | undefined;
}

/** Options of output video stream `index` for its encoder. Quality rules, the rate is capped over two seconds. */
export function encoderOptions(rendition: Rendition, index: number, encoding: Encoding): string[] {
  return optionsOf(rendition, encoding).flatMap(([name, value]) => [`-${name}:v:${index}`, String(value)]);
}

function optionsOf(rendition: Rendition, { device, frameRate, encoders, threads }: Encoding): Options {
  if (device) return deviceEncoder(device, rendition);
  const { codec } = rendition;
  switch (codec) {
    case 'h264':
      return x264(rendition, frameRate, threads);
    case 'hevc':
      return x265(rendition, threads);
    case 'av1':
      return softwareEncoder('av1', encoders) === 'libaom-av1'
        ? aom(rendition, threads)
        : svtAv1(rendition, threads);
    default:
      return codec satisfies never;
  }
}

/**
 * The stream's header names the average rate, not the clock's 120000 ticks: demuxers take a frame's duration from
 * it where the container gives none. Time stamps pass through x264 untouched either way.
 */
function x264(
  { preset, crf, max_bitrate }: Rendition,
  frameRate: number | undefined,
  threads: number | undefined,
): Options {
  const header: Options = frameRate ? [['x264-params', `force-cfr=1:fps=${frameRate.toFixed(3)}`]] : [];
  return [
    ['c', 'libx264'],
    ['preset', preset],
    ['crf', crf],
    ...cap(max_bitrate),
    ...within(threads),
    ...header,
  ];
}

/**
 * Closed GOPs with a keyframe at the first frame and every `gop_s` after it, at the same instants in every
 * rendition: players switch between renditions and HLS cuts its segments there.
 * The times count from the first frame (`ld(0)`), which need not be at 0. The forced keyframes set the distance;
 * -g and -keyint_min only keep x264 from placing others: at scene cuts it uses plain I frames then, so their gain is
 * kept and the distance too.
 * @param when of the forced ones, otherwise
 */
export function keyframeOptions(
  gop_s: number,
  frameRate: number | undefined,
  when = `expr:st(0,if(n,ld(0),t))*0+gte(t-ld(0),n_forced*${gop_s})`,
): string[] {
  const frames = Math.ceil(gop_s * (frameRate ?? 30));
  return ['-force_key_frames:v', when, '-g:v', String(frames * 2), '-keyint_min:v', String(frames + 1)];
}
