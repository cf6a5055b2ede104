import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { createApi } from '../../../tests/systems/api.ts';
import { startEmbedded } from '../../../tests/systems/embedded.ts';
import { rounded, timed } from '../cpu-time.ts';
import { runJob } from '../job-run.ts';
import { makeSource } from '../media/make-source.ts';

export interface ThroughputFigures {
  source: string;
  jobs: number;
  wall_s: number;
  /** Seconds of video per second. */
  speed: number;
  gb_per_day: number;
  hundred_gb_per_day: {
    /** Hours of video in 100 GB at the source's rate, and what of this machine they take. */
    hours_of_video: number;
    machines: number;
    cores: number;
  };
}

const RATE = 20_000_000;
const DAY_S = 86_400;
const GB = 1e9;

/** Whole jobs of the default profile (transcript and output gate included), all uploaded at once, of 1080p at 20 Mbit/s. */
export async function benchThroughput(
  { seconds, jobs, cores }: { seconds: number; jobs: number; cores: number },
  say: (line: string) => void,
): Promise<ThroughputFigures> {
  const bench = await openTaskBench();
  try {
    say(`making a source of ${seconds} s, 1920x1080 at ${RATE / 1e6} Mbit/s`);
    const wish = { seconds, width: 1920, height: 1080, bitrate: RATE };
    const file = await makeSource(bench.tools, join(bench.folder, 'source.mp4'), wish);
    const { size } = await stat(file);
    const system = await startEmbedded();
    try {
      const api = createApi(system);
      say(`${jobs} jobs of ${(size / 1e6).toFixed(0)} MB`);
      const { wall_s } = await timed(() =>
        Promise.all(Array.from({ length: jobs }, () => runJob(api, file, {}))),
      );
      const gb_per_day = (size * jobs * DAY_S) / wall_s / GB;
      const machines = 100 / gb_per_day;
      return {
        source: `1920x1080, ${seconds} s, ${((size * 8) / seconds / 1e6).toFixed(1)} Mbit/s`,
        jobs,
        wall_s: rounded(wall_s, 1),
        speed: rounded((seconds * jobs) / wall_s, 2),
        gb_per_day: rounded(gb_per_day, 1),
        hundred_gb_per_day: {
          hours_of_video: rounded((100 * GB * 8) / ((size * 8) / seconds) / 3_600, 2),
          machines: rounded(machines, 2),
          cores: rounded(machines * cores, 1),
        },
      };
    } finally {
      await system.close();
    }
  } finally {
    await bench.close();
  }
}
