import type { MediaTools } from '../media-tools.ts';
import type { Trimming } from '../plan/trimming.ts';
import type { FfmpegOptions } from '../run-ffmpeg.ts';
import { runFfmpeg } from '../run-ffmpeg.ts';
import { untrustedInput } from '../untrusted-input.ts';

export interface Decodable {
  /** Frames that came out of the decoder, less those that share a time stamp. */
  frames: number;
  /** Seconds from the start of the file. */
  first_s: number;
  end_s: number;
}

/**
 * Decodes the pictures of a source to see what is really in it: containers of damaged files promise more. Costs a
 * decode (a fifth of an encode), so it is asked only where an output does not match the container's word.
 */
export async function measureDecodable(
  tools: MediaTools,
  path: string,
  { index, part }: { index: number; part: Trimming },
  options: FfmpegOptions,
): Promise<Decodable> {
  // The pictures themselves do not matter here: tiny ones make the listing cheap. The same clock as encoding has.
  const filters = [...part.video, 'scale=16:16:flags=neighbor'].join(',');
  const video = ['-vf', filters, '-fps_mode', 'vfr', '-enc_time_base', '1:120000'];
  const args = ['-max_error_rate', '1', ...untrustedInput(path, part.input), '-map', `0:${index}`, ...video];
  const { stdout } = await runFfmpeg(tools, [...args, '-f', 'framecrc', 'pipe:1'], {
    ...options,
    logLevel: 'error',
  });
  return summarise(stdout);
}

/** framecrc: `#tb 0: 1/120000`, then `stream, dts, pts, duration, size, checksum`. */
function summarise(listing: string): Decodable {
  const base = /^#tb 0: (\d+)\/(\d+)/m.exec(listing);
  const tick = base ? Number(base[1]) / Number(base[2]) : 1;
  const result = { frames: 0, first_s: Number.POSITIVE_INFINITY, end_s: 0 };
  for (const line of listing.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, , pts = Number.NaN, duration = 0] = line.split(',').map(Number);
    result.frames += 1;
    result.first_s = Math.min(result.first_s, pts * tick);
    result.end_s = Math.max(result.end_s, (pts + duration) * tick);
  }
  return result;
}
