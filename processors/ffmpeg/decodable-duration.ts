import type { MediaTools } from './media-tools.ts';
import { type ProbeOptions, probeLines } from './run-ffprobe.ts';
import { untrustedProbe } from './untrusted-input.ts';

/** The end of the file that is looked at before its word on the duration is taken. */
const TAIL_S = 5;

/**
 * Seconds from the start of the file to the end of the last packet of the streams in use. Containers lie: a truncated upload still
 * carries its full duration, a browser's recording carries none. When packets are found near the claimed end the
 * claim stands (milliseconds of work); otherwise every packet is listed, at reading speed.
 * @param claimed_s undefined where the container does not say
 */
export async function decodableDuration(
  tools: MediaTools,
  path: string,
  {
    streams,
    start_s,
    claimed_s,
  }: { streams: readonly number[]; start_s: number; claimed_s: number | undefined },
  options: ProbeOptions,
): Promise<number> {
  const endOf = async (interval: readonly string[]) => {
    const entries = [
      '-show_entries',
      'packet=stream_index,pts_time,dts_time,duration_time',
      '-of',
      'csv=p=0',
    ];
    let end = 0;
    for await (const line of probeLines(tools, [...interval, ...entries, ...untrustedProbe(path)], options)) {
      const [stream = -1, pts, dts, duration] = line.split(',').map(Number);
      const time = Number.isFinite(pts) ? pts : dts;
      if (!streams.includes(stream) || time === undefined || !Number.isFinite(time)) continue;
      end = Math.max(end, time - start_s + (duration && Number.isFinite(duration) ? duration : 0));
    }
    return end;
  };
  if (claimed_s !== undefined && claimed_s > 0) {
    const from = Math.max(0, start_s + claimed_s - TAIL_S);
    // An interval needs an end: with an open one ffprobe lists nothing.
    const end = await endOf(['-read_intervals', `${from.toFixed(3)}%+${TAIL_S * 100}`]).catch(() => 0);
    if (end > claimed_s - 0.5) return claimed_s;
  }
  return endOf([]);
}
