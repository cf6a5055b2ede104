import type { AudioEncoding } from '@transcodeflow/shared/contracts/audio-encoding.ts';
import { z } from 'zod';
import type { MediaTools } from './media-tools.ts';
import { ALIGNED, loudnorm, type MeasuredLoudness } from './plan/loudness.ts';
import type { Trimming } from './plan/trimming.ts';
import { type FfmpegOptions, runFfmpeg } from './run-ffmpeg.ts';
import { untrustedInput } from './untrusted-input.ts';

/** `loudnorm` prints its figures as strings; silence has `-inf`. */
const figure = z.string().transform(Number).pipe(z.number());
const Printed = z
  .object({
    input_i: figure,
    input_tp: figure,
    input_lra: figure,
    input_thresh: figure,
    target_offset: figure,
  })
  .transform(
    (printed): MeasuredLoudness => ({
      integrated: printed.input_i,
      truePeak: printed.input_tp,
      range: printed.input_lra,
      threshold: printed.input_thresh,
      offset: printed.target_offset,
    }),
  );

/**
 * The first pass of the normalisation: decodes the sound once and measures it (EBU R128).
 * @returns undefined for silence, which has no loudness @throws {TaskError} as any run of ffmpeg
 */
export async function measureLoudness(
  tools: MediaTools,
  path: string,
  { stream_index, loudness, channels }: AudioEncoding,
  part: Trimming,
  options: FfmpegOptions,
): Promise<MeasuredLoudness | undefined> {
  if (!loudness) return undefined;
  // biome-ignore format: an option and its value belong on one line
  const args = [
    '-max_error_rate', '1', ...untrustedInput(path, part.input),
    '-map', `0:${stream_index}`, '-ac', String(channels),
    '-filter:a', [...part.audio, ALIGNED, `${loudnorm(loudness.target_lufs)}:print_format=json`].join(','), '-f', 'null', '-',
  ];
  const { log } = await runFfmpeg(tools, args, { ...options, logLevel: 'info' });
  const json = /\{[^{}]*"input_i"[^{}]*\}/.exec(log)?.[0];
  const printed = json === undefined ? undefined : Printed.safeParse(JSON.parse(json));
  return printed?.success ? printed.data : undefined;
}
