import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { encode } from '@transcodeflow/processors/tasks/encode/encode.ts';
import { packageTask } from '@transcodeflow/processors/tasks/package/package.ts';
import { median, rounded, type Spent, timed } from '../cpu-time.ts';
import { planSource } from '../media/planned-source.ts';
import { encodePerOutput } from './per-output.ts';

export interface OnePassFigures {
  source: string;
  rounds: number;
  /** Medians over the rounds. */
  one_pass: Spent;
  per_output: Spent;
  /** One pass divided by one ffmpeg per output; the target is 0.45 of the CPU. */
  ratio: { cpu: number; wall: number; cpu_by_round: number[] };
}

const HOUR_MS = 3_600_000;

/**
 * The default profile's encode and package tasks, as a processor runs them (uploads to the object store included, and
 * a storyboard that the others do not make), against one ffmpeg per output. In turns, so that both see the same machine.
 */
export async function benchOnePass(
  { seconds, rounds, file }: { seconds: number; rounds: number; file?: string | undefined },
  say: (line: string) => void,
): Promise<OnePassFigures> {
  const bench = await openTaskBench();
  const signal = AbortSignal.timeout(HOUR_MS);
  try {
    say(file ? `reading ${file}` : `making a source of ${seconds} s, 1920x1080`);
    const { path, source, media, plan } = await planSource(bench, { seconds, file }, signal);
    const runs: Record<'one_pass' | 'per_output', Spent[]> = { one_pass: [], per_output: [] };
    for (let round = 1; round <= rounds; round += 1) {
      const attempt = await bench.attempt(signal);
      const again = await bench.attempt(signal);
      runs.one_pass.push(
        await timed(async () => {
          const { renditions, audio } = await encode({ kind: 'encode', source, media, ...plan }, attempt);
          await packageTask(
            { kind: 'package', renditions, segment_s: plan.segment_s, ...(audio && { audio }) },
            again,
          );
        }),
      );
      const folder = join(bench.folder, `per-output-${round}`);
      await mkdir(folder);
      runs.per_output.push(await timed(() => encodePerOutput(bench.tools, path, folder, media, plan)));
      const [one, each] = [runs.one_pass.at(-1), runs.per_output.at(-1)];
      say(
        `round ${round}: one pass ${one?.cpu_s.toFixed(1)} CPU-s, one per output ${each?.cpu_s.toFixed(1)} CPU-s`,
      );
    }
    const middle = (of: readonly Spent[]): Spent => ({
      cpu_s: rounded(median(of.map(({ cpu_s }) => cpu_s)), 2),
      wall_s: rounded(median(of.map(({ wall_s }) => wall_s)), 2),
    });
    const one_pass = middle(runs.one_pass);
    const per_output = middle(runs.per_output);
    return {
      source: `${media.video?.width}x${media.video?.height}, ${rounded(media.duration_s, 1)} s, ${Math.round((media.bitrate ?? 0) / 1_000)} kbit/s`,
      rounds,
      one_pass,
      per_output,
      ratio: {
        cpu: rounded(one_pass.cpu_s / per_output.cpu_s),
        wall: rounded(one_pass.wall_s / per_output.wall_s),
        cpu_by_round: runs.one_pass.map(({ cpu_s }, n) =>
          rounded(cpu_s / (runs.per_output[n]?.cpu_s ?? Number.NaN)),
        ),
      },
    };
  } finally {
    await bench.close();
  }
}
