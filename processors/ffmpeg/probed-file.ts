import { z } from 'zod';
import type { MediaTools } from './media-tools.ts';
import { type ProbeOptions, probeJson } from './run-ffprobe.ts';

/** ffprobe writes numbers as strings, and leaves out or says `N/A` for what it does not know. */
const number = z.coerce.number().optional().catch(undefined);
const text = z.string().optional();

const ProbedStream = z.object({
  index: z.number().int(),
  codec_type: text,
  codec_name: text,
  profile: z.union([z.string(), z.number()]).transform(String).optional(),
  width: number,
  height: number,
  sample_aspect_ratio: text,
  pix_fmt: text,
  field_order: text,
  color_range: text,
  color_space: text,
  color_transfer: text,
  color_primaries: text,
  avg_frame_rate: text,
  r_frame_rate: text,
  bits_per_raw_sample: number,
  start_time: number,
  duration: number,
  bit_rate: number,
  nb_frames: number,
  channels: number,
  sample_rate: number,
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z
    .array(z.looseObject({ side_data_type: text, rotation: number, displaymatrix: text }))
    .default([]),
});
export type ProbedStream = z.infer<typeof ProbedStream>;

const ProbedFile = z.object({
  streams: z.array(ProbedStream).default([]),
  format: z.object({
    format_name: z.string().default('unknown'),
    start_time: number,
    duration: number,
    size: number,
    bit_rate: number,
  }),
});
export type ProbedFile = z.infer<typeof ProbedFile>;

/** Streams and container as ffprobe describes them, unjudged. @param input from `untrustedProbe` @throws {ProbeError} */
export async function probeFile(
  tools: MediaTools,
  input: readonly string[],
  options: ProbeOptions,
): Promise<ProbedFile> {
  return ProbedFile.parse(await probeJson(tools, ['-show_streams', '-show_format', ...input], options));
}

/** `30000/1001` → 29.97; undefined for `0/0` and for what is no rate. */
export function ratio(value: string | undefined, separator = '/'): number | undefined {
  const [above, below] = (value ?? '').split(separator).map(Number);
  if (!above || !below) return undefined;
  const result = above / below;
  return Number.isFinite(result) && result > 0 ? result : undefined;
}

/** When the last picture of a stream has been shown, on the clock of its file, by the container's word. */
export function streamEnd(stream: ProbedStream): number | undefined {
  const duration_s = streamDuration(stream);
  return duration_s === undefined ? undefined : (stream.start_time ?? 0) + duration_s;
}

/** Seconds a stream lasts: its own word, else Matroska's `DURATION` tag (`00:01:02.500000000`). */
export function streamDuration(stream: ProbedStream): number | undefined {
  if (stream.duration !== undefined) return stream.duration;
  const tag =
    stream.tags.DURATION ?? Object.entries(stream.tags).find(([key]) => key.startsWith('DURATION'))?.[1];
  const parts = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(tag ?? '');
  return parts ? Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3]) : undefined;
}
