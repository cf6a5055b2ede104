import { createApi } from '../../../tests/systems/api.ts';
import { startEmbedded } from '../../../tests/systems/embedded.ts';
import { freePort } from '../../../tests/systems/free-port.ts';
import { rounded } from '../cpu-time.ts';
import { runJob } from '../job-run.ts';
import { heapOf, type Memory } from './heap-of.ts';
import { slopeOf } from './slope-of.ts';

export interface LeakFigures {
  jobs: number;
  /** Heap in use and memory beside it (buffers) after a forced collection, and all resident memory. Medians of the samples. */
  second_fifth_mib: Figures;
  last_fifth_mib: Figures;
  /** Of heap and buffers, from the second fifth on: what one job leaves behind. */
  kib_per_job: number;
  /** Heap and buffers of the last fifth are at most a tenth above the second's. */
  flat: boolean;
}

interface Figures {
  heap: number;
  external: number;
  resident: number;
}

const CLIP = 'load/clip.mp4';
/** Neither the transcript's process nor the figures of quality are the services' memory. */
const OPTIONS = { captions: false, quality: false };
const AT_ONCE = 4;
const SAMPLES = 50;
const MiB = 1_048_576;

/**
 * `jobs` jobs one after another through the embedded system, with its heap looked at after every fiftieth of them. The
 * clip is so small (one second of 320x180) that a real encode costs less than starting a fake one.
 */
export async function benchLeak(
  { jobs }: { jobs: number },
  say: (line: string) => void,
): Promise<LeakFigures> {
  const port = await freePort();
  const env = {
    NODE_OPTIONS: `--inspect=127.0.0.1:${port}`,
    LOG_LEVEL: 'error',
    PROCESSOR_SLOTS: String(AT_ONCE),
  };
  const system = await startEmbedded(undefined, env);
  const api = createApi(system);
  const samples: (Memory & { jobs: number })[] = [];
  try {
    const step = Math.max(1, Math.round(jobs / SAMPLES));
    for (let done = 0; done < jobs; ) {
      const next = Math.min(step, jobs - done);
      const queue = Array.from({ length: next }).values();
      const lane = async () => {
        for (const _ of queue) await runJob(api, CLIP, OPTIONS);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
      done += next;
      const memory = await heapOf(port);
      samples.push({ ...memory, jobs: done });
      say(
        `${done} jobs: ${(memory.heapUsed / MiB).toFixed(1)} MiB of heap, ${(memory.external / MiB).toFixed(1)} beside it`,
      );
    }
  } finally {
    await system.close();
  }
  const fifth = (n: number) => samples.slice((samples.length * n) / 5, (samples.length * (n + 1)) / 5);
  const [early, late] = [middle(fifth(1)), middle(fifth(4))];
  const slope = slopeOf(
    samples
      .slice(samples.length / 5)
      .map(({ jobs: x, heapUsed, external }) => ({ x, y: heapUsed + external })),
  );
  return {
    jobs,
    second_fifth_mib: early,
    last_fifth_mib: late,
    kib_per_job: rounded(slope / 1_024, 2),
    flat: late.heap + late.external <= (early.heap + early.external) * 1.1,
  };
}

function middle(samples: readonly Memory[]): Figures {
  const of = (value: (memory: Memory) => number) => {
    const sorted = samples.map(value).toSorted((a, b) => a - b);
    return rounded((sorted[Math.floor(sorted.length / 2)] ?? 0) / MiB, 1);
  };
  return {
    heap: of(({ heapUsed }) => heapUsed),
    external: of(({ external }) => external),
    resident: of(({ rss }) => rss),
  };
}
