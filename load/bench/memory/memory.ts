import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { createApi } from '../../../tests/systems/api.ts';
import { startEmbedded } from '../../../tests/systems/embedded.ts';
import { startRealStack } from '../../../tests/systems/real-stack.ts';
import { runJob } from '../job-run.ts';
import { makeSource } from '../media/make-source.ts';
import type { Stack } from '../overhead/overhead.ts';
import { descendants, partOf, proportionalSetSize } from './process-tree.ts';

export interface MemoryFigures {
  stack: Stack;
  source: string;
  jobs: number;
  samples: number;
  /** Highest sum of each part at one instant (proportional set size), the most processes of it at once, and before the jobs. */
  parts_mib: Record<string, { peak: number; processes: number; idle: number }>;
  /** Highest sum of all parts at one instant. */
  together_mib: number;
  within_8_gb: boolean;
}

const SAMPLE_MS = 250;
const MiB = 1_048_576;
const MOST = 8e9;

/**
 * Memory of each service and of ffmpeg while `jobs` jobs of the default profile (transcript and output gate included) run
 * at once, each in a slot of its own. Over the real stack, what runs in containers is not counted.
 */
export async function benchMemory(
  { seconds, jobs, stack }: { seconds: number; jobs: number; stack: Stack },
  say: (line: string) => void,
): Promise<MemoryFigures> {
  const bench = await openTaskBench();
  try {
    say(`making a source of ${seconds} s, 1920x1080`);
    const size = { width: 1920, height: 1080 };
    const file = await makeSource(bench.tools, join(bench.folder, 'source.mp4'), { seconds, ...size });
    const env = { PROCESSOR_SLOTS: String(jobs), LOG_LEVEL: 'warn' };
    const system = stack === 'real' ? await startRealStack({ env }) : await startEmbedded(undefined, env);
    try {
      const api = createApi(system);
      const idle = await sample();
      const peaks = new Map<string, { bytes: number; processes: number }>();
      let together = 0;
      let samples = 0;
      const running = new AbortController();
      const sampling = (async () => {
        while (!running.signal.aborted) {
          const now = await sample();
          samples += 1;
          let sum = 0;
          for (const [part, { bytes, processes }] of now) {
            const peak = peaks.get(part) ?? { bytes: 0, processes: 0 };
            peaks.set(part, {
              bytes: Math.max(peak.bytes, bytes),
              processes: Math.max(peak.processes, processes),
            });
            sum += bytes;
          }
          together = Math.max(together, sum);
          await sleep(SAMPLE_MS);
        }
      })();
      say(`${jobs} jobs`);
      try {
        await Promise.all(Array.from({ length: jobs }, () => runJob(api, file, {})));
      } finally {
        running.abort();
        await sampling;
      }
      const parts_mib = Object.fromEntries(
        [...peaks]
          .toSorted(([, a], [, b]) => b.bytes - a.bytes)
          .map(([part, { bytes, processes }]) => [
            part,
            { peak: mib(bytes), processes, idle: mib(idle.get(part)?.bytes ?? 0) },
          ]),
      );
      const source = `1920x1080, ${seconds} s`;
      return {
        stack,
        source,
        jobs,
        samples,
        parts_mib,
        together_mib: mib(together),
        within_8_gb: together < MOST,
      };
    } finally {
      await system.close();
    }
  } finally {
    await bench.close();
  }
}

const mib = (bytes: number) => Math.round(bytes / MiB);

/** What every part below this process holds now. */
async function sample(): Promise<Map<string, { bytes: number; processes: number }>> {
  const parts = new Map<string, { bytes: number; processes: number }>();
  const running = await descendants(process.pid);
  const sizes = await Promise.all(running.map(({ pid }) => proportionalSetSize(pid)));
  for (const [index, { command }] of running.entries()) {
    const bytes = sizes[index] ?? 0;
    if (bytes === 0) continue;
    const part = partOf(command);
    const { bytes: sum = 0, processes = 0 } = parts.get(part) ?? {};
    parts.set(part, { bytes: sum + bytes, processes: processes + 1 });
  }
  return parts;
}
