import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { decodeSpeech } from '../speech/decode-speech.ts';
import { TaskError } from '../task-error.ts';
import { pipeFfmpeg } from './pipe-ffmpeg.ts';
import { probeLines } from './run-ffprobe.ts';
import { scriptedTools } from './testing/scripted-tools.ts';

const folder = await mkdtemp(join(tmpdir(), 'pipe-ffmpeg-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const stall_ms = 1500;
const signal = AbortSignal.timeout(100_000);

/** Both tools are this script. */
const scripted = (name: string, body: string) =>
  scriptedTools(folder, name, `#!${process.execPath}\n${body}\n`);

const SILENT = 'setInterval(() => {}, 1e9);';

test('a piped ffmpeg that is silent is ended, for another attempt', async (t) => {
  const run = pipeFfmpeg(await scripted('silent', SILENT), [], { signal, stall_ms });
  const error = await t.throwsAsync(run.ended, { instanceOf: TaskError });
  t.is(error?.info.code, 'ffmpeg_stalled');
  t.true(error?.info.retryable);
});

test('speech that stands still is no sound that cannot be decoded', async (t) => {
  const options = { streamIndex: 1, duration_s: 10, signal, stall_ms };
  const { ended } = decodeSpeech(await scripted('speech', SILENT), 'any.mp4', options);
  t.is((await t.throwsAsync(ended, { instanceOf: TaskError }))?.info.code, 'ffmpeg_stalled');
});

test('a piped ffmpeg that takes more memory than it may is ended', async (t) => {
  const tools = { ...(await scripted('large', SILENT)), memory_bytes: 1 << 20 };
  const options = { streamIndex: 1, duration_s: 10, signal };
  const error = await t.throwsAsync(decodeSpeech(tools, 'any.mp4', options).ended, { instanceOf: TaskError });
  t.is(error?.info.code, 'out_of_memory');
  t.false(error?.info.retryable);
});

test('a piped ffmpeg keeps to the threads of its slot', async (t) => {
  const tools = { ...(await scripted('threads', '')), threads: 3 };
  const run = pipeFfmpeg(tools, ['-i', 'file:any'], { signal });
  await run.ended;
  t.regex(run.command.join(' '), /-filter_threads 3 -filter_complex_threads 3 -threads 3 -i file:any$/);
  const speech = decodeSpeech(tools, 'any.mp4', { streamIndex: 1, duration_s: 10, signal });
  await speech.ended;
  t.regex(speech.command.join(' '), /-filter_threads 3 -filter_complex_threads 3 -threads 1 /);
});

test('a piped ffmpeg lives while its reader is busy', async (t) => {
  const mebibyte = 1 << 20;
  const tools = await scripted('busy', `process.stdout.write(Buffer.alloc(${mebibyte}));`);
  const run = pipeFfmpeg(tools, [], { signal, stall_ms });
  await setTimeout(2 * stall_ms);
  t.is((await buffer(run.output)).length, mebibyte);
  t.false((await run.ended).failed);
});

test('an ffprobe that is silent is ended: that says nothing about the file', async (t) => {
  const tools = await scripted('probe', SILENT);
  const lines = async () => {
    for await (const line of probeLines(tools, [], { signal, stall_ms })) t.fail(line);
  };
  const error = await t.throwsAsync(lines, { instanceOf: TaskError });
  t.is(error?.info.code, 'ffmpeg_stalled');
  t.regex(error?.info.detail ?? '', /no sign of life for 1\.5 s/);
});

test('an ffprobe lives while its lines are worked on', async (t) => {
  const tools = await scripted('lines', "for (let n = 0; n < 9; n += 1) console.log('line', n);");
  let count = 0;
  for await (const _ of probeLines(tools, [], { signal, stall_ms })) {
    count += 1;
    if (count === 1) await setTimeout(2 * stall_ms);
  }
  t.is(count, 9);
});
