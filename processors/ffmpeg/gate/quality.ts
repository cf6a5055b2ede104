import type { Film } from '@transcodeflow/shared/contracts/media.ts';
import type { Quality } from '@transcodeflow/shared/contracts/task-results.ts';
import type { Trim } from '@transcodeflow/shared/contracts/trim.ts';
import type { WatermarkLook } from '@transcodeflow/shared/contracts/watermark.ts';
import type { MediaTools } from '../media-tools.ts';
import { outputColour } from '../plan/colour.ts';
import { resizeOptions } from '../plan/device-input.ts';
import { overlays, watermarkInput } from '../plan/overlay.ts';
import { pictureOf } from '../plan/picture.ts';
import { type FfmpegOptions, runFfmpeg } from '../run-ffmpeg.ts';
import { untrustedInput } from '../untrusted-input.ts';
import type { Window } from './quality-windows.ts';

export interface Compared {
  name: string;
  path: string;
  width: number;
  height: number;
  /** Where its clock begins; it is counted from there to enter it. Default 0. */
  first_s?: number;
}

export interface Figures extends Omit<Quality, 'sampled_s'> {
  /**
   * PSNR of both pictures shrunk to 32x18: noise and detail average out, what is seen where stays. Same pictures
   * have over 30 dB however hard they were compressed; others some 12 dB.
   */
  alike: number;
}

/** Renditions show this part of it, from 0 on. */
export interface QualitySource {
  path: string;
  media: Film;
  trim?: Trim | undefined;
  /** Lies on each rendition; its picture is in the work folder. */
  watermark?: WatermarkLook | undefined;
}

/** What one window measured of each rendition that had frames in common with the source there. */
export type WindowQuality = Map<string, Figures>;

/**
 * Without an index, a seek lands between keyframes, and nothing can be decoded before the next one. Short AVI and FLV
 * files refuse a seek and are then read from wherever it left off.
 */
const SEEKS_BADLY = /mpeg|avi|flv/;
/** Longer than broadcast GOPs are. */
const PREROLL_S = 10;
/** SSIM needs eight pixels a side, VMAF more than 32: smaller pictures are compared enlarged. */
const LEAST_SIDE = 36;

/** VMAF of every fifth frame: within 0.1 of all frames' score at 0.4 of the time. */
const VMAF_STRIDE = 5;

/**
 * Compares renditions with the source over one window: one decode of the source, through the same filters as the
 * encode's (turned, square pixels, tone-mapped, scaled), so that only the encoder's loss is measured.
 */
export async function measureWindow(
  tools: MediaTools,
  source: QualitySource,
  renditions: readonly Compared[],
  { from_s, length_s }: Window,
  options: FfmpegOptions,
): Promise<WindowQuality> {
  const { path, media, trim } = source;
  const at_s = from_s + (trim?.start_s ?? 0);
  const preroll = Math.min(at_s, SEEKS_BADLY.test(media.format) ? PREROLL_S : 0);
  // What lies near the start is read from there, with no seek that could fail; the graph trims it.
  const sourceSeek = [
    ...(at_s - preroll > 0 ? ['-ss', (at_s - preroll).toFixed(6)] : []),
    '-t',
    (length_s + preroll).toFixed(6),
  ];
  const seek = (first_s: number) => [
    '-ss',
    Math.max(0, from_s - first_s).toFixed(6),
    '-t',
    length_s.toFixed(6),
  ];
  const vmaf = tools.filters.has('libvmaf');
  const inputs = renditions.flatMap(({ path, first_s = 0 }) => [
    ...seek(first_s),
    '-protocol_whitelist',
    'file',
    '-i',
    `file:${path}`,
  ]);
  // biome-ignore format: an option and its value belong on one line
  const args = [
    // Time stamps as they are in the files: where a seek lands a little off, frames still meet their counterparts.
    '-copyts', '-max_error_rate', '1',
    ...untrustedInput(path, [...sourceSeek, ...resizeOptions(media.video)]), ...inputs,
    ...(source.watermark ? watermarkInput : []),
    '-filter_complex', comparison(tools, source, renditions, vmaf, from_s),
    ...renditions.flatMap((_, index) => ['-map', `[out${index}]`, '-map', `[alike${index}]`]),
    '-fps_mode', 'passthrough', '-f', 'null', '-',
  ];
  const { log } = await runFfmpeg(tools, args, { ...options, logLevel: 'info' });
  return new Map(
    renditions.flatMap(({ name }) => {
      const figures = figuresOf(log, name);
      return figures ? [[name, figures] as const] : [];
    }),
  );
}

function comparison(
  tools: MediaTools,
  { media, trim, watermark }: QualitySource,
  renditions: readonly Compared[],
  vmaf: boolean,
  from_s: number,
): string {
  const largest = renditions.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));
  const toneMap = tools.filters.has('zscale') && tools.filters.has('tonemap');
  const picture = pictureOf(media.video, largest, toneMap);
  // Half a millisecond early, so that rounding cannot cut the first frame off one side only.
  const start = `setpts=PTS-(${(media.start_time_s ?? 0) + (trim?.start_s ?? 0)})/TB,trim=start=${Math.max(0, from_s - 0.0005).toFixed(6)}`;
  const metrics = vmaf ? 4 : 3;
  // The clocks of source and rendition round differently; a frame's counterpart is the nearest one.
  const sync = 'ts_sync_mode=nearest:shortest=1';
  const graph = [
    `[0:${media.video.index}]${[...picture.shared, start, `split=${renditions.length}`].join(',')}${labels('r', renditions.length)}`,
  ];
  for (const [index, rendition] of renditions.entries()) {
    const { name, width, height } = rendition;
    const times = Math.ceil(LEAST_SIDE / Math.min(width, height));
    const enlarged = times > 1 ? [`scale=${width * times}:${height * times}:flags=neighbor`] : [];
    const chain = `[r${index}]${picture.rendition(rendition).join(',')}`;
    const reference = [...enlarged, `split=${metrics}${labels(`r${index}m`, metrics)}`].join(',');
    graph.push(
      ...(watermark ? [`${chain}[p${index}]`, `[o${index}]${reference}`] : [`${chain},${reference}`]),
    );
    const shrunk = 'scale=32:18:flags=area';
    graph.push(`[${index + 1}:v:0]${[...enlarged, 'split'].join(',')}[d${index}m0][d${index}tiny]`);
    graph.push(`[r${index}m0]${shrunk}[r${index}tiny]`, `[d${index}tiny]${shrunk}[d${index}shrunk]`);
    graph.push(`[d${index}shrunk][r${index}tiny]psnr@${name}-alike=${sync}[alike${index}]`);
    graph.push(`[d${index}m0][r${index}m1]ssim@${name}=${sync}[d${index}m1]`);
    graph.push(`[d${index}m1][r${index}m2]psnr@${name}=${sync}${vmaf ? `[d${index}m2]` : `[out${index}]`}`);
    const scorer = `libvmaf@${name}=n_subsample=${VMAF_STRIDE}:n_threads=${tools.threads ?? 2}:${sync}`;
    if (vmaf) graph.push(`[d${index}m2][r${index}m3]${scorer}[out${index}]`);
  }
  if (watermark) {
    const layers = renditions.map((size, index) => ({ base: `p${index}`, out: `o${index}`, size }));
    const { matrix } = outputColour(media.video, media.video.hdr && toneMap);
    graph.push(...overlays(watermark, { input: `${renditions.length + 1}:v`, matrix }, layers));
  }
  return graph.join(';');
}

const labels = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `[${prefix}${index}]`).join('');

/** `[ssim@720p @ 0x…] SSIM Y:0.98 (…)`, `[psnr@720p …] PSNR y:41.2 …` (`inf` where equal), `[libvmaf@720p …] VMAF score: 93.1`. */
function figuresOf(log: string, name: string): Figures | undefined {
  const find = (filter: string, pattern: string, of = name) => {
    const found = new RegExp(`\\[${filter}@${of} @[^\\]]*\\] ${pattern}([\\d.]+|inf)`).exec(log)?.[1];
    return found === undefined ? undefined : found === 'inf' ? 100 : Number(found);
  };
  const ssim = find('ssim', 'SSIM Y:');
  const psnr = find('psnr', 'PSNR y:');
  const alike = find('psnr', 'PSNR y:', `${name}-alike`);
  const vmaf = find('libvmaf', 'VMAF score: ');
  if (ssim === undefined || psnr === undefined || alike === undefined) return undefined;
  return { ssim, alike, psnr: Math.min(100, psnr), ...(vmaf !== undefined && { vmaf }) };
}
