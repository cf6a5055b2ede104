import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { createApi } from '../../../tests/systems/api.ts';
import { startEmbedded } from '../../../tests/systems/embedded.ts';
import { startRealStack } from '../../../tests/systems/real-stack.ts';
import { median, rounded, timed } from '../cpu-time.ts';
import { runJob } from '../job-run.ts';
import { makeSource } from '../media/make-source.ts';
import { learnCommands, runBare } from './bare-commands.ts';

export interface OverheadFigures {
  stack: Stack;
  source: string;
  rounds: number;
  /** Medians, in seconds of wall time: the commands alone, and the job from the upload's answer to its completion. */
  bare_encode_s: number;
  bare_gate_s: number;
  job_s: number;
  /** Of the median round: what the job takes beyond its own ffmpeg commands, the gate's included. */
  orchestration: { seconds: number; share: number; allowed_s: number; within: boolean };
  /** The same beyond the encode alone: what verifying costs is in it. */
  beyond_encode: { seconds: number; share: number };
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
    const measured: { encode: number; gate: number; job: number }[] = [];
    try {
      for (let round = 1; round <= rounds; round += 1) {
        const encode = (await timed(() => runBare(commands.encode))).wall_s;
        const gate = (await timed(() => runBare(commands.gate))).wall_s;
        const job = (await runJob(api, file, OPTIONS)).wall_s;
        measured.push({ encode, gate, job });
        say(
          `round ${round}: encode ${encode.toFixed(2)} s, gate ${gate.toFixed(2)} s, job ${job.toFixed(2)} s`,
        );
      }
    } finally {
      await system.close();
    }
    const bare_encode_s = median(measured.map(({ encode }) => encode));
    const bare_gate_s = median(measured.map(({ gate }) => gate));
    const beyond = median(measured.map(({ encode, gate, job }) => job - encode - gate));
    const beyondEncode = median(measured.map(({ encode, job }) => job - encode));
    const bare = bare_encode_s + bare_gate_s;
    return {
      stack,
      source: `1920x1080, ${seconds} s`,
      rounds,
      bare_encode_s: rounded(bare_encode_s),
      bare_gate_s: rounded(bare_gate_s),
      job_s: rounded(median(measured.map(({ job }) => job))),
      orchestration: {
        seconds: rounded(beyond),
        share: rounded(beyond / bare),
        allowed_s: rounded(allowed(bare)),
        within: beyond <= allowed(bare),
      },
      beyond_encode: { seconds: rounded(beyondEncode), share: rounded(beyondEncode / bare_encode_s) },
    };
  } finally {
    await bench.close();
  }
}
