import { join } from 'node:path';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { execa } from 'execa';
import { createApi } from '../../../tests/systems/api.ts';
import { startContainedProcessor } from '../../../tests/systems/contained-processor.ts';
import { startEmbedded } from '../../../tests/systems/embedded.ts';
import { startRealStack } from '../../../tests/systems/real-stack.ts';
import type { SystemUnderTest } from '../../../tests/systems/system-under-test.ts';
import { median, rounded } from '../cpu-time.ts';
import { runJob, taskTimes } from '../job-run.ts';
import { makeSource } from '../media/make-source.ts';
import type { Stack } from '../overhead/overhead.ts';

export interface ChunksFigures {
  source: string;
  chunk_s: number;
  chunks: number;
  /** Seconds of the whole job, by how many worked on it: medians of the rounds. */
  wall_s: Record<number, number>;
  /** How many times faster than one. */
  ratio: Record<number, number>;
  /** Wall seconds of each task of the last run with the most. */
  tasks: Record<string, number>;
}

interface Where {
  stack: Stack;
  /** CPUs that each processor of the real stack may use, e.g. 0.6. Absent: a core, which it shares with all others. */
  cpus?: number | undefined;
}

interface Wish extends Where {
  seconds: number;
  /** How many are compared with one. */
  workers: readonly number[];
  rounds: number;
}

const CHUNK_S = 30;

/**
 * One long video by one worker of one core and by some, in turns, each time in a fresh system. Over the real stack a
 * worker is a processor of its own with one slot, held to a core of its own; in the embedded system it is a slot, and the
 * system is held to as many cores. One thread per decoder and encoder alone would not do: ffmpeg's decoder, filters and
 * encoders run beside each other, which makes half a core more of one worker.
 */
export async function benchChunks(
  { seconds, workers, rounds, ...where }: Wish,
  say: (line: string) => void,
): Promise<ChunksFigures> {
  const bench = await openTaskBench();
  try {
    say(`making a source of ${seconds} s, 1280x720`);
    const file = await makeSource(bench.tools, join(bench.folder, 'source.mp4'), {
      seconds,
      width: 1280,
      height: 720,
    });
    const counts = [1, ...workers];
    const runs = new Map(counts.map((count) => [count, [] as number[]]));
    let tasks: Record<string, number> = {};
    for (let round = 1; round <= rounds; round += 1)
      for (const [count, walls] of runs) {
        const run = await runWith(where, count, file);
        walls.push(run.wall_s);
        tasks = run.tasks;
        say(`round ${round}, ${count} at work: ${run.wall_s.toFixed(1)} s`);
      }
    const middle = (count: number) => median(runs.get(count) ?? []);
    return {
      source: `1280x720, ${seconds} s`,
      chunk_s: CHUNK_S,
      chunks: Object.keys(tasks).filter((id) => /^encode-\d+$/.test(id)).length,
      wall_s: Object.fromEntries(counts.map((count) => [count, rounded(middle(count), 1)])),
      ratio: Object.fromEntries(workers.map((count) => [count, rounded(middle(1) / middle(count))])),
      tasks,
    };
  } finally {
    await bench.close();
  }
}

async function runWith(where: Where, workers: number, file: string) {
  const system = await startWorkers(where, workers);
  try {
    const api = createApi(system);
    const { job_id, wall_s } = await runJob(api, file, { captions: false });
    const times = Object.entries(await taskTimes(api, job_id));
    const tasks = Object.fromEntries(times.map(([name, seconds]) => [name, rounded(seconds, 2)]));
    return { wall_s, tasks };
  } finally {
    await system.close();
  }
}

async function startWorkers({ stack, cpus }: Where, workers: number): Promise<SystemUnderTest> {
  const env = {
    CHUNK_SECONDS: String(CHUNK_S),
    PROCESSOR_SLOTS: stack === 'real' ? '1' : String(workers),
    FFMPEG_THREADS: '1',
    HARDWARE: 'off',
  };
  if (stack === 'embedded') {
    const system = await startEmbedded(undefined, env);
    await holdTo(`0-${workers - 1}`, system.process.pid);
    return system;
  }
  const system = await startRealStack({ processors: cpus ? 0 : workers, env });
  if (!cpus) {
    for (const [core, { pid }] of system.processors.entries()) await holdTo(String(core), pid);
    return system;
  }
  const contained: Awaited<ReturnType<typeof startContainedProcessor>>[] = [];
  const close = async () => {
    await Promise.all(contained.map((processor) => processor.stop()));
    await system.close();
  };
  try {
    while (contained.length < workers) contained.push(await startContainedProcessor(system.env, cpus));
    return { ...system, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Holds a process with all its threads, and whatever it starts from now on, to these cores. Linux only: util-linux's taskset. */
const holdTo = (cores: string, pid: number) => execa('taskset', ['-a', '-c', '-p', cores, String(pid)]);
