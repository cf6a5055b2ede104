import { planJob } from '@transcodeflow/command-service/job/plan.ts';
import type { Attempt, TaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { encode } from '@transcodeflow/processors/tasks/encode/encode.ts';
import { inspect } from '@transcodeflow/processors/tasks/inspect/inspect.ts';
import { packageTask } from '@transcodeflow/processors/tasks/package/package.ts';
import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import { execa } from 'execa';

/** An ffmpeg command line with the folder that its relative names lie in; it can be run again as it stands. */
export interface BareCommand {
  command: readonly string[];
  cwd: string;
}

/** Encodes and packages a file once, to learn the commands that a person would have to type: the one pass and the remux. */
export async function learnCommands(
  bench: TaskBench,
  path: string,
  options: EncodingOptions,
  threads: number,
  signal: AbortSignal,
): Promise<BareCommand[]> {
  const source = await bench.upload(path);
  const tools = { ...bench.tools, threads };
  const attempt = async () => ({ ...(await bench.attempt(signal)), tools });
  const [encoding, packaging] = [await attempt(), await attempt()];
  const { media } = await inspect({ kind: 'inspect', source, filename: 'source' }, await attempt());
  const plan = planJob(media, { profile: 'default', thumbnail: undefined, options });
  const { renditions, audio } = await encode({ kind: 'encode', source, media, ...plan }, encoding);
  const sound = audio && { audio };
  await packageTask({ kind: 'package', renditions, segment_s: plan.segment_s, ...sound }, packaging);
  return [...commandsOf(encoding), ...commandsOf(packaging)];
}

const commandsOf = ({ commands, workFolder: cwd }: Attempt): BareCommand[] =>
  commands.map((command) => ({ command, cwd }));

/** One after the other, as in a script. */
export async function runBare(commands: readonly BareCommand[]): Promise<void> {
  for (const { command, cwd } of commands) {
    const [program = '', ...args] = command;
    // Progress reports have nowhere to go here.
    const quiet = args.filter((arg, n) => arg !== '-progress' && args[n - 1] !== '-progress');
    await execa(program, quiet, { cwd });
  }
}
