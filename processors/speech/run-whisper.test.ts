import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { TaskError } from '../task-error.ts';
import { runWhisper } from './run-whisper.ts';
import { type Mode, playWhisper } from './testing/play-whisper.ts';
import { writeWave } from './wave-file.ts';

const test = anyTest as TestFn<string>;
test.beforeEach(async (t) => {
  t.context = await mkdtemp(join(tmpdir(), 'whisper-'));
});
test.afterEach.always((t) => rm(t.context, { recursive: true, force: true }));

async function play(folder: string, mode: Mode, memory_bytes?: number) {
  const signal = new AbortController().signal;
  const [sound, wave] = [join(folder, 'sound.f32'), join(folder, 'sound.wav')];
  await writeFile(sound, Buffer.from(new Float32Array(16_000).buffer));
  await writeWave(sound, [{ start: 0.25, end: 0.75 }], wave, signal);
  const fractions: number[] = [];
  const commands: (readonly string[])[] = [];
  const program = await playWhisper(folder, mode);
  const output = await runWhisper(program, wave, {
    ...{ signal, workFolder: folder, language: 'auto', memory_bytes },
    ran: (command) => commands.push(command),
    onFraction: (fraction) => fractions.push(fraction),
  });
  return { output, fractions, commands, program };
}

test('its answer, its progress and its command line', async (t) => {
  const { output, fractions, commands, program } = await play(t.context, 'answers');
  t.is(output.result.language, 'no');
  t.is(output.transcription.length, 7);
  t.deepEqual(fractions, [0.45, 1]);
  t.deepEqual(commands[0]?.slice(0, 3), [program.path, '-m', program.model]);
});

test('one that takes more memory than it may is ended, and the failure says so', async (t) => {
  const error = await t.throwsAsync(play(t.context, 'slow', 1_024 ** 2), { instanceOf: TaskError });
  t.is(error?.info.code, 'out_of_memory');
  t.regex(error?.info.detail ?? '', /1 MiB allowed \(FFMPEG_MEMORY_MB\)\n\nwhisper-cli -m/);
});
