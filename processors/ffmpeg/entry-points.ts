import type { MediaTools } from './media-tools.ts';
import { ProbeError, probeLines } from './run-ffprobe.ts';
import { untrustedProbe } from './untrusted-input.ts';

/**
 * Containers with an index of keyframes. Others are searched by guessing (MPEG-TS, MPEG-PS, FLV), or land beside what was
 * asked for (AVI, GIF): videos in them are encoded whole.
 */
const INDEXED = /(^|,)(mp4|mov|matroska|webm)(,|$)/;

/** A job's history has some events for each chunk; a chunk of a long film is longer instead. */
const MOST_CHUNKS = 64;

/**
 * Keyframes about `chunk_s` apart at which decoding can really begin: each is sought, read and decoded, and nothing between
 * them is. The first one is the first frame of all.
 * @returns undefined where fewer than two are found @param start_s of the file
 */
export async function entryPoints(
  tools: MediaTools,
  path: string,
  {
    index,
    format,
    start_s,
    duration_s,
  }: { index: number; format: string; start_s: number; duration_s: number },
  chunk_s: number,
  signal: AbortSignal,
): Promise<number[] | undefined> {
  const chunks = Math.min(MOST_CHUNKS, Math.floor(duration_s / chunk_s));
  if (chunks < 2 || !INDEXED.test(format)) return undefined;
  const length_s = duration_s / chunks;
  const wanted = Array.from({ length: chunks - 1 }, (_, before) => (before + 1) * length_s);
  const intervals = ['%+#1', ...wanted.map((time) => `${(start_s + time).toFixed(6)}%+#1`)];
  // biome-ignore format: an option and its value belong on one line
  const args = [
    '-select_streams', String(index), '-read_intervals', intervals.join(','),
    '-show_entries', 'frame=pts_time,key_frame,width,height', '-of', 'compact=p=0', ...untrustedProbe(path),
  ];
  const points: number[] = [];
  let size: string | undefined;
  try {
    for await (const line of probeLines(tools, args, { signal })) {
      const fields = new Map(line.split('|').map((field) => field.split('=') as [string, string]));
      // A frame's side data is on a line of its own.
      if (!fields.has('pts_time')) continue;
      const time = Number(fields.get('pts_time') ?? Number.NaN) - start_s;
      const found = `${fields.get('width')}x${fields.get('height')}`;
      size ??= found;
      // Another size: pictures of a chunk would not begin as those of the whole video do.
      if (found !== size) return undefined;
      const last = points.at(-1);
      const isApart = last === undefined || time - last >= length_s / 2;
      if (fields.get('key_frame') === '1' && Number.isFinite(time) && isApart)
        points.push(Math.max(0, Number(time.toFixed(6))));
    }
  } catch (error) {
    if (error instanceof ProbeError) return undefined;
    throw error;
  }
  return points.length > 1 ? points : undefined;
}
