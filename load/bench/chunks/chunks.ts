import { join } from 'node:path';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { execa } from 'execa';
import { createApi } from '../../../tests/systems/api.ts';
import { startEmbedded } from '../../../tests/systems/embedded.ts';
import { startRealStack } from '../../../tests/systems/real-stack.ts';
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

interface Wish {
  stack: Stack;
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
  { stack, seconds, workers, rounds }: Wish,
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
        const run = await runWith(stack, count, file);
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

async function runWith(stack: Stack, workers: number, file: string) {
  const isReal = stack === 'real';
  const slots = String(isReal ? 1 : workers);
  const env = {
    CHUNK_SECONDS: String(CHUNK_S),
    PROCESSOR_SLOTS: slots,
    FFMPEG_THREADS: '1',
    HARDWARE: 'off',
  };
  const system = isReal
    ? await startRealStack({ processors: workers, env })
    : await startEmbedded(undefined, env);
  try {
    if ('processors' in system)
      for (const [core, { pid }] of system.processors.entries()) await holdTo(String(core), pid);
    else await holdTo(`0-${workers - 1}`, system.process.pid);
    const api = createApi(system);
    const { job_id, wall_s } = await runJob(api, file, { captions: false });
    const times = Object.entries(await taskTimes(api, job_id));
    const tasks = Object.fromEntries(times.map(([name, seconds]) => [name, rounded(seconds, 2)]));
    return { wall_s, tasks };
  } finally {
    await system.close();
  }
}

/** Holds a process with all its threads, and whatever it starts from now on, to these cores. Linux only: util-linux's taskset. */
const holdTo = (cores: string, pid: number) => execa('taskset', ['-a', '-c', '-p', cores, String(pid)]);
