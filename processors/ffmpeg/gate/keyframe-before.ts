import type { MediaTools } from '../media-tools.ts';
import { probeLines } from '../run-ffprobe.ts';
import { untrustedProbe } from '../untrusted-input.ts';
import type { QualitySource } from './quality.ts';

/**
 * The source's last keyframe at or before an instant of the output's clock, as the container's index has it; undefined
 * where that cannot be told. Decoding that begins there needs no frames before.
 */
export async function keyframeBefore(
  tools: MediaTools,
  { path, media, trim }: QualitySource,
  at_s: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const start = (media.start_time_s ?? 0) + (trim?.start_s ?? 0);
  // biome-ignore format: an option and its value belong on one line
  const args = [
    '-select_streams', String(media.video.index), '-read_intervals', `${(at_s + start).toFixed(6)}%+#1`,
    '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0', ...untrustedProbe(path),
  ];
  let found: number | undefined;
  for await (const line of probeLines(tools, args, { signal })) {
    const [time, flags = ''] = line.split(',');
    const pts_s = Number(time) - start;
    if (found === undefined && flags.includes('K') && Number.isFinite(pts_s)) found = pts_s;
  }
  return found !== undefined && found >= 0 && found <= at_s + 0.0005 ? found : undefined;
}
