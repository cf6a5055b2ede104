import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { createApi } from '../../../tests/systems/api.ts';
import { startEmbedded } from '../../../tests/systems/embedded.ts';
import { startRealStack } from '../../../tests/systems/real-stack.ts';
import { rounded, timed } from '../cpu-time.ts';
import { runJob, taskTimes } from '../job-run.ts';
import { makeSource } from '../media/make-source.ts';
import { learnCommands, runBare } from './bare-commands.ts';

export interface OverheadFigures {
  stack: Stack;
  source: string;
  rounds: number;
  /**
   * Seconds of wall time: the commands of encode and package alone, and the job from the upload's answer on. The least of
   * the rounds, each part by itself: what else happens on the machine only ever adds, and more than what is measured.
   */
  bare_encode_s: number;
  job_s: number;
  /** Where the job's time went: its tasks, one after the other, and what lay between them. */
  tasks_s: Record<string, number>;
  between_tasks_s: number;
  /** What lay between the tasks, and what encode and package took beyond their bare commands. */
  orchestration: { seconds: number; share: number; allowed_s: number; within: boolean };
  /** Inspection and output gate: work on the media that a bare encode does not do. */
  inspecting_and_verifying: { seconds: number; share: number };
  by_round: { bare_encode_s: number; job_s: number; encode_s: number }[];
}

export type Stack = 'embedded' | 'real';

/** No transcript: it runs beside the encode and would compete for the cores that are measured here. */
const OPTIONS = { captions: false };
/** 3 % of the bare command and 0.3 s. */
const allowed = (bare_s: number) => 0.03 * bare_s + 0.3;
const HOUR_MS = 3_600_000;

/** A job against its own ffmpeg commands run by hand, in turns, on a source of `seconds` at 1920x1080. */
export async function benchOverhead(
  { seconds, rounds, stack }: { seconds: number; rounds: number; stack: Stack },
  say: (line: string) => void,
): Promise<OverheadFigures> {
  const bench = await openTaskBench();
  try {
    say(`making a source of ${seconds} s, 1920x1080`);
    const size = { width: 1920, height: 1080 };
    const file = await makeSource(bench.tools, join(bench.folder, 'source.mp4'), { seconds, ...size });
    const threads = availableParallelism();
    const commands = await learnCommands(bench, file, OPTIONS, threads, AbortSignal.timeout(HOUR_MS));
    const env = { FFMPEG_THREADS: String(threads) };
    const system = stack === 'real' ? await startRealStack({ env }) : await startEmbedded(undefined, env);
    const api = createApi(system);
    const measured: { encode: number; job: number; tasks: Record<string, number> }[] = [];
    try {
      for (let round = 1; round <= rounds; round += 1) {
        const encode = (await timed(() => runBare(commands))).wall_s;
        const { job_id, wall_s: job } = await runJob(api, file, OPTIONS);
        const tasks = await taskTimes(api, job_id);
        measured.push({ encode, job, tasks });
        say(`round ${round}: bare encode ${encode.toFixed(2)} s, job ${job.toFixed(2)} s`);
      }
    } finally {
      await system.close();
    }
    const least = (of: (round: (typeof measured)[number]) => number) => Math.min(...measured.map(of));
    const task = (name: string) => least(({ tasks }) => tasks[name] ?? Number.NaN);
    const bare = least(({ encode }) => encode);
    const between = least(
      ({ job, tasks }) => job - Object.values(tasks).reduce((sum, seconds) => sum + seconds, 0),
    );
    const beyond = between + task('encode') + task('package') - bare;
    const checking = task('inspect') + task('verify');
    return {
      stack,
      source: `1920x1080, ${seconds} s`,
      rounds,
      bare_encode_s: rounded(bare),
      job_s: rounded(least(({ job }) => job)),
      tasks_s: Object.fromEntries(
        Object.keys(measured[0]?.tasks ?? {}).map((name) => [name, rounded(task(name))]),
      ),
      between_tasks_s: rounded(between),
      orchestration: {
        seconds: rounded(beyond),
        share: rounded(beyond / bare),
        allowed_s: rounded(allowed(bare)),
        within: beyond <= allowed(bare),
      },
      inspecting_and_verifying: { seconds: rounded(checking), share: rounded(checking / bare) },
      by_round: measured.map(({ encode, job, tasks }) => ({
        bare_encode_s: rounded(encode),
        job_s: rounded(job),
        encode_s: rounded(tasks.encode ?? Number.NaN),
      })),
    };
  } finally {
    await bench.close();
  }
}
