import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findMediaTools } from '@transcodeflow/processors/ffmpeg/find-media-tools.ts';
import { type Api, createApi } from '../../../tests/systems/api.ts';
import { startEmbedded } from '../../../tests/systems/embedded.ts';
import { freePort } from '../../../tests/systems/free-port.ts';
import { runJob } from '../job-run.ts';
import { type Footprint, footprint } from './footprint.ts';
import { type Growth, growthOf } from './growth.ts';
import { openInspector } from './inspector.ts';
import { installReplay } from './install-replay.ts';
import { startReceiver } from './receiver.ts';

export interface LeakFigures extends Growth {
  jobs: number;
  planted_kib: number;
  webhooks_received: number;
  /** Runs of ffmpeg and ffprobe that were real: all the others were answered with their results. */
  real_runs: number;
  samples: (Footprint & { jobs: number })[];
}

const CLIP = 'load/clip.mp4';
const AT_ONCE = 4;
const EVERY = 25;
/** A transcript is a process of its own, of a second of CPU. */
const TRANSCRIBED = 25;
const MiB = 1_048_576;

/**
 * Jobs through the embedded system, which is all services in one process, with an ffmpeg that answers from what the real
 * one answered to the first jobs. All the rest is real: uploads, events, outbox, bus, tasks, the gate, projections,
 * queries, live events, webhooks, deletes. Every 25 jobs the process is looked at.
 * @param planted_kib memory that is leaked on purpose for each job, to see the verdict turn
 * @param snapshots folder for a heap snapshot of a fifth of the jobs and of the end, to compare in Chrome's developer tools
 */
export async function benchLeak(
  { jobs, planted_kib, snapshots }: { jobs: number; planted_kib: number; snapshots?: string | undefined },
  say: (line: string) => void,
): Promise<LeakFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-leak-'));
  const port = await freePort();
  const receiver = await startReceiver();
  try {
    const replay = await installReplay(folder, await findMediaTools());
    const system = await startEmbedded(undefined, {
      NODE_OPTIONS: `--inspect=127.0.0.1:${port}`,
      LOG_LEVEL: 'error',
      FFMPEG_PATH: replay.ffmpeg,
      FFPROBE_PATH: replay.ffprobe,
      HARDWARE: 'off',
      PROCESSOR_SLOTS: String(AT_ONCE),
    });
    const inspector = await openInspector(port);
    try {
      const api = createApi(system);
      const made = await api.call('POST', '/api/webhooks', {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ url: receiver.url }),
      });
      if (made.status !== 201) throw new Error(`No webhook: ${JSON.stringify(made.body)}`);
      const samples: LeakFigures['samples'] = [];
      for (let done = 0; done < jobs; ) {
        const numbers = Array.from({ length: Math.min(EVERY, jobs - done) }, (_, index) => done + index);
        const queue = numbers.values();
        const lane = async () => {
          for (const number of queue) await oneJob(api, number);
        };
        // The first job alone: what it runs is there for all others.
        if (done === 0) await oneJob(api, queue.next().value ?? 0);
        await Promise.all(Array.from({ length: AT_ONCE }, lane));
        done += numbers.length;
        if (planted_kib > 0) await inspector.evaluate(plant(numbers.length * planted_kib));
        const now = await footprint(system.process.pid, inspector);
        samples.push({ ...now, jobs: done });
        const isFifth = done >= jobs / 5 && done - numbers.length < jobs / 5;
        if (snapshots && (isFifth || done === jobs)) await inspector.evaluate(snapshot(snapshots, done));
        const { heap, code, pss, handles, open_files, postgres_connections } = now;
        say(
          `${done} jobs: ${(heap / MiB).toFixed(2)} MiB of heap, ${(code / MiB).toFixed(2)} of code, ${(pss / MiB).toFixed(1)} MiB in all, ` +
            `${handles} handles, ${open_files} files, ${postgres_connections} connections to PostgreSQL`,
        );
      }
      const [received, real_runs] = [receiver.received(), await replay.recorded()];
      return { jobs, planted_kib, ...growthOf(samples), webhooks_received: received, real_runs, samples };
    } finally {
      inspector.close();
      await system.close();
    }
  } finally {
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What clients do with a job. It is deleted at the end: caches keep the documents of jobs until they are full (32 MiB). */
async function oneJob(api: Api, number: number): Promise<void> {
  const { job_id } = await runJob(api, CLIP, { captions: number % TRANSCRIBED === 1 });
  const calls = [`/api/jobs/${job_id}/events`, '/api/jobs?per_page=20', '/api/jobs/stats'];
  for (const path of calls) {
    const { status } = await api.call('GET', path);
    if (status !== 200) throw new Error(`${path}: ${status}`);
  }
  const { status, body } = await api.call('DELETE', `/api/jobs/${job_id}`);
  if (status !== 200) throw new Error(`Not deleted: ${JSON.stringify(body)}`);
}

/** Numbers and not a text: those that are equal share their memory. */
const plant = (kib: number) =>
  `(globalThis.planted ??= []).push(Array.from({ length: ${kib * 128} }, (_, n) => n + 0.5)); 0`;

const snapshot = (folder: string, jobs: number) => {
  const path = JSON.stringify(resolve(folder, `${jobs}.heapsnapshot`));
  return `process.getBuiltinModule('node:v8').writeHeapSnapshot(${path})`;
};
