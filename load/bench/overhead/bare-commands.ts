import { planJob } from '@transcodeflow/command-service/job/plan.ts';
import type { Attempt, TaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { encode } from '@transcodeflow/processors/tasks/encode.ts';
import { inspect } from '@transcodeflow/processors/tasks/inspect.ts';
import { packageTask } from '@transcodeflow/processors/tasks/package.ts';
import { verify } from '@transcodeflow/processors/tasks/verify.ts';
import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import { execa } from 'execa';

/** ffmpeg command lines, each with the folder that its relative names lie in; they can be run again as they stand. */
export interface BareCommands {
  /** The one pass and the remux. */
  encode: BareCommand[];
  /** What the output gate has ffmpeg do. */
  gate: BareCommand[];
}

export interface BareCommand {
  command: readonly string[];
  cwd: string;
}

/** Runs a file through the tasks of a job once, to learn the commands that a person would have to type. */
export async function learnCommands(
  bench: TaskBench,
  path: string,
  options: EncodingOptions,
  threads: number,
  signal: AbortSignal,
): Promise<BareCommands> {
  const source = await bench.upload(path);
  const tools = { ...bench.tools, threads };
  const attempt = async () => ({ ...(await bench.attempt(signal)), tools });
  const [inspecting, encoding, packaging, verifying] = [
    await attempt(),
    await attempt(),
    await attempt(),
    await attempt(),
  ];
  const { media } = await inspect({ kind: 'inspect', source, filename: 'source' }, inspecting);
  const plan = planJob(media, { profile: 'default', thumbnail: undefined, options });
  const { renditions, audio } = await encode({ kind: 'encode', source, media, ...plan }, encoding);
  const sound = audio && { audio };
  const hls = await packageTask(
    { kind: 'package', renditions, segment_s: plan.segment_s, ...sound },
    packaging,
  );
  const outputs = renditions.map(({ name, object, width, height }) => ({ name, object, width, height }));
  await verify({ kind: 'verify', source, media, renditions: outputs, hls, ...sound }, verifying);
  return { encode: [...commandsOf(encoding), ...commandsOf(packaging)], gate: commandsOf(verifying) };
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
