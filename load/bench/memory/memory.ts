import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { createApi } from '../../../tests/systems/api.ts';
import { startEmbedded } from '../../../tests/systems/embedded.ts';
import { startRealStack } from '../../../tests/systems/real-stack.ts';
import { runJob } from '../job-run.ts';
import { makeSource } from '../media/make-source.ts';
import type { Stack } from '../overhead/overhead.ts';
import { Peaks } from './peaks.ts';
import { sampleParts } from './sample-parts.ts';

export interface MemoryFigures {
  stack: Stack;
  source: string;
  jobs: number;
  samples: number;
  /** Highest sum of each part at one instant (proportional set size), the most processes of it at once, and before the jobs. */
  parts_mib: Record<string, { peak: number; processes: number; idle: number }>;
  /** The same of our services (embedded: one process), of ffmpeg with the speech engine, and of what stores and carries. */
  groups_mib: Record<string, number>;
  /** Highest sum of all parts at one instant. */
  together_mib: number;
  within_8_gb: boolean;
}

const SAMPLE_MS = 250;
const MiB = 1_048_576;
const MOST = 8e9;

/**
 * Memory of each service and of ffmpeg while `jobs` jobs of the default profile (transcript and output gate included) run
 * at once, each in a slot of its own. Over the real stack, the containers' processes are looked at on this machine.
 * @throws {Error} where they are on another one
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
    const { system, containers } = await start(stack, { PROCESSOR_SLOTS: String(jobs) });
    try {
      const api = createApi(system);
      const idle = await sampleParts(containers);
      for (const name of containers.keys())
        if (!idle.has(name))
          throw new Error(`The processes of ${name} are not on this machine, or not to be seen`);
      const peaks = new Peaks();
      const running = new AbortController();
      const sampling = (async () => {
        while (!running.signal.aborted) {
          peaks.add(await sampleParts(containers));
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
        [...peaks.parts]
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
        samples: peaks.samples,
        parts_mib,
        groups_mib: Object.fromEntries([...peaks.groups].map(([group, bytes]) => [group, mib(bytes)])),
        together_mib: mib(peaks.together),
        within_8_gb: peaks.together < MOST,
      };
    } finally {
      await system.close();
    }
  } finally {
    await bench.close();
  }
}

const mib = (bytes: number) => Math.round(bytes / MiB);

async function start(stack: Stack, env: Record<string, string>) {
  if (stack === 'embedded')
    return { system: await startEmbedded(undefined, env), containers: new Map<string, number>() };
  const system = await startRealStack({ env });
  const { kafka, postgres, redis, minio } = system.infrastructure;
  const containers = new Map<string, number>();
  for (const [name, { pid }] of Object.entries({ kafka, postgres, redis, minio }))
    containers.set(name, await pid());
  return { system, containers };
}
