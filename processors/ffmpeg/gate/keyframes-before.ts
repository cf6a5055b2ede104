import type { MediaTools } from '../media-tools.ts';
import { ProbeError, probeLines } from '../run-ffprobe.ts';
import { untrustedProbe } from '../untrusted-input.ts';
import type { QualitySource } from './quality.ts';

/** Time stamps are rounded to microseconds, on both sides. */
const ROUNDING_S = 0.0005;

/**
 * The source's keyframes nearest before some instants of the output's clock, as the container's index has them; undefined
 * where that cannot be told. Decoding that begins there needs no frames before. One run for all: starting it is what
 * costs.
 */
export async function keyframesBefore(
  tools: MediaTools,
  { path, media, trim }: QualitySource,
  instants_s: readonly number[],
  signal: AbortSignal,
): Promise<(number | undefined)[]> {
  const start = (media.start_time_s ?? 0) + (trim?.start_s ?? 0);
  const intervals = instants_s.map((at_s) => `${(at_s + start).toFixed(6)}%+#1`).join(',');
  // biome-ignore format: an option and its value belong on one line
  const args = [
    '-select_streams', String(media.video.index), '-read_intervals', intervals,
    '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0', ...untrustedProbe(path),
  ];
  const found: number[] = [];
  try {
    for await (const line of probeLines(tools, args, { signal })) {
      const [time, flags = ''] = line.split(',');
      const pts_s = Number(time) - start;
      if (flags.includes('K') && pts_s >= 0) found.push(pts_s);
    }
  } catch (error) {
    // It cannot be entered there: what was found before still holds.
    if (!(error instanceof ProbeError)) throw error;
  }
  // By value: an interval whose first packet is another stream's has no line.
  return instants_s.map((at_s) => {
    const before = found.filter((pts_s) => pts_s <= at_s + ROUNDING_S);
    return before.length > 0 ? Math.max(...before) : undefined;
  });
}
