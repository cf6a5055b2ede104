import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { createApi } from '../../../tests/systems/api.ts';
import { startEmbedded } from '../../../tests/systems/embedded.ts';
import { startRealStack } from '../../../tests/systems/real-stack.ts';
import { median, rounded, standardError, timed } from '../cpu-time.ts';
import { runJob, taskTimes } from '../job-run.ts';
import { makeSource } from '../media/make-source.ts';
import { learnCommands, runBare } from './bare-commands.ts';

export interface OverheadFigures {
  stack: Stack;
  source: string;
  /** Rounds before those that count: in the first minutes the services and Kafka are still compiled. */
  warm_up: number;
  rounds: number;
  /** Each figure is the median of the rounds'; shares are of the bare encode. */
  bare_encode_s: number;
  job_s: number;
  /** What lay between the tasks, and what encode and package took beyond their bare commands, in each round by itself. */
  orchestration: {
    seconds: number;
    share: number;
    /** Of the rounds' mean. */
    standard_error_s: number;
    allowed_s: number;
    within: boolean;
  };
  /** Inspection and output gate: work on the media that a bare encode does not do. */
  inspecting_and_verifying: { seconds: number; share: number };
  /** Everything: what the job took beyond the bare encode. */
  whole_job: { seconds: number; share: number };
  by_round: Round[];
}

/** Seconds of wall time. */
interface Round {
  /** The commands of encode and package alone. */
  bare_encode_s: number;
  /** From the upload's answer on. */
  job_s: number;
  /** Where the job's time went: its tasks, one after the other, and what lay between them. */
  tasks_s: Record<string, number>;
  between_tasks_s: number;
  orchestration_s: number;
  inspecting_and_verifying_s: number;
}

export type Stack = 'embedded' | 'real';

/** No transcript: it runs beside the encode and would compete for the cores that are measured here. */
const OPTIONS = { captions: false };
/** 3 % of the bare command and 0.3 s. */
const allowed = (bare_s: number) => 0.03 * bare_s + 0.3;
const HOUR_MS = 3_600_000;

/** A job against its own ffmpeg commands run by hand, in turns, on a source of `seconds` at 1920x1080. */
export async function benchOverhead(
  { seconds, warm_up, rounds, stack }: { seconds: number; warm_up: number; rounds: number; stack: Stack },
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
    const by_round: Round[] = [];
    try {
      for (let number = 1 - warm_up; number <= rounds; number += 1) {
        const byHand = () => timed(() => runBare(commands));
        // In turns who goes first: a machine that gets slower, or faster, does so for both.
        const first = number % 2 === 0 ? undefined : await byHand();
        const { job_id, wall_s: job } = await runJob(api, file, OPTIONS);
        const { wall_s: bare } = first ?? (await byHand());
        const round = roundOf(bare, job, await taskTimes(api, job_id));
        if (number > 0) by_round.push(round);
        const { orchestration_s, inspecting_and_verifying_s } = round;
        say(
          `${number > 0 ? `round ${number}` : 'warm-up'}: bare encode ${bare.toFixed(2)} s, job ${job.toFixed(2)} s, of that orchestration ` +
            `${orchestration_s.toFixed(2)} s, inspection and gate ${inspecting_and_verifying_s.toFixed(2)} s`,
        );
      }
    } finally {
      await system.close();
    }
    const middle = (of: (round: Round) => number) => median(by_round.map(of));
    const bare = middle(({ bare_encode_s }) => bare_encode_s);
    const beyond = (of: (round: Round) => number) => {
      const seconds = middle(of);
      return { seconds: rounded(seconds), share: rounded(seconds / bare) };
    };
    const orchestration = beyond(({ orchestration_s }) => orchestration_s);
    return {
      stack,
      source: `1920x1080, ${seconds} s`,
      warm_up,
      rounds,
      bare_encode_s: rounded(bare),
      job_s: rounded(middle(({ job_s }) => job_s)),
      orchestration: {
        ...orchestration,
        standard_error_s: rounded(standardError(by_round.map(({ orchestration_s }) => orchestration_s))),
        allowed_s: rounded(allowed(bare)),
        within: orchestration.seconds <= allowed(bare),
      },
      inspecting_and_verifying: beyond(({ inspecting_and_verifying_s }) => inspecting_and_verifying_s),
      whole_job: beyond(({ job_s, bare_encode_s }) => job_s - bare_encode_s),
      by_round,
    };
  } finally {
    await bench.close();
  }
}

function roundOf(bare: number, job: number, tasks: Record<string, number>): Round {
  const of = (name: string) => tasks[name] ?? Number.NaN;
  const between = job - Object.values(tasks).reduce((sum, seconds) => sum + seconds, 0);
  return {
    bare_encode_s: rounded(bare),
    job_s: rounded(job),
    tasks_s: tasks,
    between_tasks_s: rounded(between),
    orchestration_s: rounded(between + of('encode') + of('package') - bare),
    inspecting_and_verifying_s: rounded(of('inspect') + of('verify')),
  };
}
