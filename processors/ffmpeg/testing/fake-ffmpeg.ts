import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { lyingDevice } from './lying-device.ts';

/** One thing that the fake does; a scene is played in order, and ends with exit status 0 if no step ended it. */
export const Step = z.discriminatedUnion('do', [
  z.object({ do: z.literal('say'), text: z.string().describe('To its log.') }),
  z.object({ do: z.literal('print'), text: z.string().describe('To its standard output.') }),
  z.object({
    do: z.literal('report'),
    text: z.string().describe('To the progress pipe, as it stands.'),
    times: z.number().default(1),
  }),
  z.object({
    do: z.literal('write'),
    bytes: z.number().describe('Of zeros, into each file that it was to make.'),
  }),
  z.object({
    do: z.literal('encode-negatives'),
    ffmpeg: z.string().describe('The real one, which does the work; its exit status is that of the fake.'),
  }),
  z.object({ do: z.literal('refuse-term') }),
  z.object({ do: z.literal('hang') }),
  z.object({ do: z.literal('kill-itself') }),
  z.object({ do: z.literal('exit'), status: z.number() }),
]);
export type Step = z.input<typeof Step>;

export const Script = z.object({
  scene: z.array(Step),
  runs: z.string().describe('File that each run is listed in.'),
});

/** A line of the list of runs. */
export const FakeRun = z.object({ pid: z.number(), args: z.array(z.string()) });
export type FakeRun = z.infer<typeof FakeRun>;

const PROGRESS_PIPE = 3;

/** Plays an ffmpeg that fails: `node fake-ffmpeg.ts script.json [ffmpeg's arguments]`. */
function play(path: string, args: readonly string[]): void {
  const { scene, runs } = Script.parse(JSON.parse(readFileSync(path, 'utf8')));
  appendFileSync(runs, `${JSON.stringify({ pid: process.pid, args })}\n`);
  for (const step of scene) {
    switch (step.do) {
      case 'say':
        writeSync(2, step.text);
        break;
      case 'print':
        writeSync(1, step.text);
        break;
      case 'report':
        for (let time = 0; time < step.times; time += 1) writeWhole(PROGRESS_PIPE, step.text);
        break;
      case 'write':
        for (const file of outputsOf(args)) writeFileSync(file, Buffer.alloc(step.bytes));
        break;
      case 'encode-negatives': {
        const stdio = ['ignore', 'inherit', 'inherit', PROGRESS_PIPE] as const;
        process.exit(spawnSync(step.ffmpeg, lyingDevice(args), { stdio: [...stdio] }).status ?? 1);
        break;
      }
      case 'refuse-term':
        process.on('SIGTERM', () => {});
        break;
      case 'hang':
        setInterval(() => {}, 1 << 30);
        return;
      case 'kill-itself':
        process.kill(process.pid, 'SIGKILL');
        return;
      case 'exit':
        process.exit(step.status);
        break;
      default:
        step satisfies never;
    }
  }
}

/** A pipe takes only part of a large text at once. */
function writeWhole(fd: number, text: string): void {
  let rest = Buffer.from(text, 'latin1');
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
  }
}

/** The files named by tee and by plain outputs, relative to the working folder. */
const outputsOf = (args: readonly string[]): string[] =>
  args
    .flatMap((arg) => arg.split('|'))
    .map((arg) => /^(?:\[.*\])?([\w-]+\.(?:mp4|m4a|yuv))$/.exec(arg)?.[1])
    .filter((file) => file !== undefined);

const [, , script, ...args] = process.argv;
if (import.meta.main && script) play(script, args);
