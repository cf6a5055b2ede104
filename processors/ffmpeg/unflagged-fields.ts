import type { VideoStream } from '@transcodeflow/shared/contracts/media.ts';
import { TaskError } from '../task-error.ts';
import type { MediaTools } from './media-tools.ts';
import { type FfmpegOptions, runFfmpeg } from './run-ffmpeg.ts';
import { untrustedInput } from './untrusted-input.ts';

/** Lines of the formats that fields were ever recorded in: NTSC, PAL, both with their blanking, HDTV. */
const FIELD_LINES = new Set([480, 486, 512, 576, 608, 1080, 1088]);
/** Above that, a picture is a field's rate already. */
const MOST_PER_SECOND = 30.1;
/** What is looked at: some three seconds, 0.7 CPU-seconds of 1080p. */
const FRAMES = 75;
/** What is looked at first: 0.3 CPU-seconds. */
const FIRST_FRAMES = 24;
/** As many pictures must be woven of fields as not by this factor: pans over stripes fool the detector now and then. */
const CLEARLY = 4;
const LEAST_FRAMES = 8;

/**
 * Capture cards and careless converters store fields as if they were whole pictures. Looks at pictures from the middle,
 * where the size and rate are those of recordings with fields and nothing flags them.
 * @returns which field comes first; undefined where the pictures are whole, or nothing can be told
 */
export async function unflaggedFields(
  tools: MediaTools,
  path: string,
  video: VideoStream,
  duration_s: number,
  options: FfmpegOptions,
): Promise<'tff' | 'bff' | undefined> {
  const { interlaced, rotation, coded_height, frame_rate = 0 } = video;
  if (interlaced || rotation !== 0 || !FIELD_LINES.has(coded_height) || frame_rate > MOST_PER_SECOND)
    return undefined;
  // From the keyframe there: what lies between it and the very middle would be decoded for nothing.
  const middle = duration_s > 10 ? ['-noaccurate_seek', '-ss', (duration_s / 2).toFixed(3)] : [];
  const look = async (frames: number) => {
    // biome-ignore format: an option and its value belong on one line
    const args = [
      ...untrustedInput(path, [...middle, '-reinit_filter', '0']), '-map', `0:${video.index}`,
      '-frames:v', String(frames), '-vf', `scale=${video.coded_width}:${coded_height},idet`, '-f', 'null', '-',
    ];
    const { log } = await runFfmpeg(tools, args, { ...options, logLevel: 'info' });
    return detected(log);
  };
  try {
    const first = await look(FIRST_FRAMES);
    // Were all the others woven, they would still be too few.
    if (CLEARLY * first.whole >= FRAMES - first.whole) return undefined;
    return verdict(await look(FRAMES));
  } catch (error) {
    // A damaged middle: nothing can be told, and the encode says what is wrong with the source.
    if (error instanceof TaskError && error.info.code === 'ffmpeg_failed') return undefined;
    throw error;
  }
}

/** Numbers of pictures. */
interface Detected {
  top: number;
  bottom: number;
  whole: number;
}

/** idet reports each time that it was set up, the first time often for nothing. */
function detected(log: string): Detected {
  const reports = /Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+)/g;
  const sum: Detected = { top: 0, bottom: 0, whole: 0 };
  for (const [, tff, bff, progressive] of log.matchAll(reports)) {
    sum.top += Number(tff);
    sum.bottom += Number(bff);
    sum.whole += Number(progressive);
  }
  return sum;
}

function verdict({ top, bottom, whole }: Detected): 'tff' | 'bff' | undefined {
  const clear = (some: number, others: number) => some >= LEAST_FRAMES && some > CLEARLY * others;
  if (clear(top, bottom + whole)) return 'tff';
  return clear(bottom, top + whole) ? 'bff' : undefined;
}
