import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { childCommands } from '../../ffmpeg/testing/child-commands.ts';
import { findWhisper } from '../../speech/find-whisper.ts';
import { moonshineEngine } from '../../speech/moonshine-engine.ts';
import { type SpeechEngine, SpeechEngineMissingError } from '../../speech/speech-engine.ts';
import { argumentsOf, type Mode, playWhisper } from '../../speech/testing/play-whisper.ts';
import { TaskError } from '../../task-error.ts';
import { available, type Bench, read, run, Segments, test } from './testing/transcribe-bench.ts';
import { transcribeWith } from './transcribe.ts';

type T = ExecutionContext<Bench>;
/** In no language, so that the embedded engine is not sure of it. */
const BACKWARDS = ['-map', '0:a', '-af', 'areverse'];
/** As where its packages are not installed. */
const MISSING: SpeechEngine = {
  ...moonshineEngine(),
  // biome-ignore lint/correctness/useYield: it fails before its first word
  async *transcribe() {
    throw new SpeechEngineMissingError('onnxruntime-node');
  },
};

async function use(t: T, mode?: Mode, model?: [name: string, tokens: number]) {
  const whisper = await playWhisper(t.context.folder, mode, model);
  t.context.tools = { ...t.context.tools, threads: 1, whisper };
}

const argument = (args: string[] | undefined, flag: string) => args?.[args.indexOf(flag) + 1];
const reasonOf = (result: Awaited<ReturnType<typeof run>>) => (result.available ? '' : result.reason);

/** Where sentences of the sample begin, measured by the level of the sound. */
async function assertTimes(t: T, key: string) {
  const { segments } = Segments.parse(JSON.parse(await read(t.context.objects, key)));
  const near = (actual: number | undefined, expected: number) =>
    t.true(Math.abs((actual ?? -1) - expected) <= 0.3, `${actual} instead of ${expected}`);
  const startOf = (start: string) => segments.find(({ text }) => text.startsWith(start))?.start;
  near(segments[0]?.start, 1.23);
  near(startOf('He was not'), 8.75);
  near(startOf('Had he married'), 17.86);
  near(segments.at(-1)?.end, 27.12);
}

test.serial('another language: whisper’s words, at the times of the voices', async (t) => {
  await use(t);
  const fractions: (number | undefined)[] = [];
  const result = available(
    t,
    await run(t, {
      spec: { language: 'de' },
      onProgress: ({ fraction }) => fractions.push(fraction),
    }),
  );
  t.like(result, { language: 'de', language_source: 'declared', engine: 'whisper-tiny' });
  await assertTimes(t, result.formats.json.key);
  t.regex(await read(t.context.objects, result.formats.txt.key), /amiable woman/);
  const args = await argumentsOf(t.context.folder);
  t.is(argument(args, '-l'), 'de');
  t.is(argument(args, '-t'), '1');
  t.true(fractions.some((fraction = 0) => fraction > 0.4 && fraction < 0.6));
  t.deepEqual(await readdir(path.join(t.context.folder, 'work')), []);
});

test.serial('a language that nobody named and that is no English: whisper finds it', async (t) => {
  await use(t);
  const fractions: number[] = [];
  const result = available(
    t,
    await run(t, { make: BACKWARDS, onProgress: ({ fraction = 0 }) => fractions.push(fraction) }),
  );
  t.like(result, { language: 'no', language_source: 'detected', engine: 'whisper-tiny' });
  t.is(argument(await argumentsOf(t.context.folder), '-l'), 'auto');
  t.deepEqual(
    fractions,
    fractions.toSorted((a, b) => a - b),
  );
});

test.serial('English, detected or declared, stays with the embedded engine', async (t) => {
  await use(t);
  t.like(available(t, await run(t)), { language: 'en', engine: 'moonshine-tiny' });
  t.is(await argumentsOf(t.context.folder), undefined);
});

test.serial('without the embedded engine English is whisper’s too', async (t) => {
  await use(t, 'answers', ['ggml-base.en.bin', 51_864]);
  const result = await run(t, { spec: { language: 'en' }, handler: transcribeWith(MISSING) });
  t.like(available(t, result), { language: 'en', engine: 'whisper-base.en' });
});

test.serial('a model for English only is not asked for another language', async (t) => {
  await use(t, 'answers', ['ggml-base.en.bin', 51_864]);
  const result = await run(t, { spec: { tagged_language: 'ger' } });
  t.regex(
    reasonOf(result),
    /is tagged as German; .* only English, and so does the model of whisper-base\.en/,
  );
  t.is(await argumentsOf(t.context.folder), undefined);
});

test.serial('nor is it to guess what the embedded engine is not sure of', async (t) => {
  await use(t, 'answers', ['ggml-base.en.bin', 51_864]);
  t.regex(reasonOf(await run(t, { make: BACKWARDS })), /does not sound like English/);
  t.is(await argumentsOf(t.context.folder), undefined);
});

test.serial('a language that whisper does not know', async (t) => {
  await use(t);
  t.regex(reasonOf(await run(t, { spec: { language: 'eo' } })), /whisper-tiny does not know .*'eo'/);
});

test.serial('silence does not even start it', async (t) => {
  await use(t);
  const make = ['-f', 'lavfi', '-i', 'anullsrc=r=48000:d=8', '-map', '1:a'];
  const result = await run(t, { make, spec: { duration_s: 8, language: 'de' } });
  t.is(reasonOf(result), 'No speech was found in the audio');
  t.is(await argumentsOf(t.context.folder), undefined);
});

test.serial('what it says of sounds is no speech', async (t) => {
  await use(t, 'silence');
  t.is(reasonOf(await run(t, { spec: { language: 'de' } })), 'No speech was found in the audio');
});

for (const [mode, detail] of [
  ['no-model', /exit code 3[\s\S]*not all tensors loaded from model file[\s\S]*failed to initialize/],
  ['killed', /SIGKILL/],
  ['garbled', /unknown form/],
] as const) {
  test.serial(`a failure of the program is told in its own words: ${mode}`, async (t) => {
    await use(t, mode);
    const error = await t.throwsAsync(run(t, { spec: { language: 'de' } }), { instanceOf: TaskError });
    t.is(error?.info.code, 'transcription_failed');
    t.regex(error?.info.detail ?? '', detail);
    t.deepEqual(await t.context.objects.head('attempt/transcript.txt'), undefined);
  });
}

test.serial('an abort ends it', async (t) => {
  await use(t, 'slow');
  const controller = new AbortController();
  const reason = new Error('cancelled');
  const onProgress = () => controller.abort(reason);
  const running = run(t, { spec: { language: 'de' }, signal: controller.signal, onProgress });
  t.is(await t.throwsAsync(running), reason);
  const { folder } = t.context;
  t.deepEqual(
    (await childCommands()).filter((command) => command.includes(folder)),
    [],
  );
  t.deepEqual(
    (await readdir(path.join(folder, 'work'))).filter((name) => name.startsWith('sound')),
    [],
  );
});

const { WHISPER_PATH, WHISPER_MODEL } = process.env;
const real = WHISPER_PATH && WHISPER_MODEL ? test.serial : test.serial.skip;
real('the whisper.cpp of WHISPER_PATH and WHISPER_MODEL: words and times of the sample', async (t) => {
  const whisper = await findWhisper(WHISPER_PATH, WHISPER_MODEL);
  t.context.tools = { ...t.context.tools, ...(whisper && { whisper }) };
  const result = available(t, await run(t, { handler: transcribeWith(MISSING) }));
  t.like(result, { language: 'en', language_source: 'detected' });
  t.regex(await read(t.context.objects, result.formats.txt.key), /John Dashwood[\s\S]*amiable/);
  await assertTimes(t, result.formats.json.key);
});
