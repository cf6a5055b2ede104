import { cp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { childCommands } from '../../ffmpeg/testing/child-commands.ts';
import type { ProgressUpdate } from '../../progress-update.ts';
import { moonshineEngine } from '../../speech/moonshine-engine.ts';
import { wordErrorRate } from '../../speech/word-error-rate.ts';
import { TaskError } from '../../task-error.ts';
import { available, read, run, SAMPLE, Segments, test } from './testing/transcribe-bench.ts';
import { transcribeWith } from './transcribe.ts';

const SPOKEN = new URL('../../../samples/bunny-with-reading.txt', import.meta.url);

const words = (said: string) => said.toLowerCase().match(/[a-z]+/g) ?? [];

test.serial('the sample: its words, at their times, in four formats', async (t) => {
  const updates: ProgressUpdate[] = [];
  const result = available(t, await run(t, { onProgress: (update) => updates.push(update) }));
  t.is(result.language, 'en');
  t.is(result.language_source, 'detected');
  t.is(result.engine, 'moonshine-tiny');

  const { objects } = t.context;
  const txt = await read(objects, result.formats.txt.key);
  const spoken = words(await readFile(SPOKEN, 'utf8'));
  // Measured: 2 errors ("ill-sposed") in 69 words.
  const errors = wordErrorRate(spoken, words(txt));
  t.true(errors < 0.1, `${errors}: ${txt}`);
  t.regex(txt, /John Dashwood/);
  t.true(Math.abs(result.words_count - spoken.length) <= 6);

  // Where the sentences begin and end in the clip, measured by the level of the sound.
  const json = Segments.parse(JSON.parse(await read(objects, result.formats.json.key)));
  t.is(json.duration_s, 28);
  const startOf = (start: string) =>
    json.segments.find((segment) => segment.text.startsWith(start))?.start ?? -1;
  const near = (actual: number, expected: number) =>
    t.true(Math.abs(actual - expected) <= 0.3, `${actual} instead of ${expected}`);
  near(startOf('And Mr. John'), 1.23);
  near(startOf('He was not'), 8.75);
  near(startOf('Unless'), 12.16);
  near(startOf('Had he married'), 17.86);
  near(startOf('He might even'), 24.07);
  near(json.segments.at(-1)?.end ?? -1, 27.12);

  const vtt = await read(objects, result.formats.vtt.key);
  t.true(vtt.startsWith('WEBVTT\n\n00:00:01.'));
  t.is(vtt.match(/ --> /g)?.length, json.segments.length);
  const srt = await read(objects, result.formats.srt.key);
  t.regex(srt, /^1\n00:00:01,\d{3} --> 00:00:0\d,\d{3}\nAnd Mr\. John/);
  t.is(result.formats.srt.content_type, 'application/x-subrip');
  t.is(result.formats.vtt.content_type, 'text/vtt');
  t.is(result.formats.txt.size_bytes, Buffer.byteLength(txt));

  t.is(updates.at(-1)?.fraction, 1);
  t.deepEqual(
    updates.map(({ fraction }) => fraction),
    updates.map(({ fraction }) => fraction).sort((a, b) => a - b),
  );
  t.deepEqual(await readdir(path.join(t.context.folder, 'work')), []);
});

for (const [what, source] of [
  ['silence', 'anullsrc=r=48000:d=8'],
  ['noise', 'anoisesrc=c=pink:r=48000:a=0.3:d=8:seed=1'],
  ['a tone', 'sine=f=440:d=8'],
] as const) {
  test.serial(`${what} is not speech`, async (t) => {
    const make = ['-f', 'lavfi', '-i', source, '-map', '1:a'];
    const result = await run(t, { make, spec: { duration_s: 8 } });
    t.deepEqual(result, { kind: 'transcribe', available: false, reason: 'No speech was found in the audio' });
  });
}

// Speech backwards has the sounds of a voice and is in no language.
const BACKWARDS = ['-map', '0:a', '-af', 'areverse'];

test.serial('speech that is no English is not transcribed, and the reason says what to do', async (t) => {
  const result = await run(t, { make: BACKWARDS });
  t.false(result.available);
  t.regex(result.available ? '' : result.reason, /does not sound like English.*option language "en"/);
  t.is(await t.context.objects.head('attempt/transcript.txt'), undefined);
});

test.serial('a declared language is taken at its word, before the tag', async (t) => {
  const result = available(
    t,
    await run(t, { make: BACKWARDS, spec: { language: 'en', tagged_language: 'fra' } }),
  );
  t.is(result.language_source, 'declared');
});

test.serial('a tag that says English is taken at its word', async (t) => {
  const tagged = available(t, await run(t, { spec: { tagged_language: 'eng' } }));
  t.is(tagged.language_source, 'tagged');
  t.is(tagged.language, 'en');
});

test.serial('another language is refused with its name, before any work', async (t) => {
  const reason = (language: string) => `The sound ${language}; the built-in engine transcribes only English`;
  const result = await run(t, { spec: { language: 'de' } });
  t.deepEqual(result, { kind: 'transcribe', available: false, reason: reason('was declared as German') });
});

test.serial('a machine without the engine’s packages: not available, with the reason', async (t) => {
  // The engine's own sources, where none of its packages can be found.
  const away = path.join(t.context.folder, 'speech');
  await cp(new URL('../../speech', import.meta.url), away, { recursive: true });
  const engine = moonshineEngine(pathToFileURL(path.join(away, 'moonshine-process.ts')));
  const result = await run(t, { handler: transcribeWith(engine) });
  t.false(result.available);
  t.regex(result.available ? '' : result.reason, /^No speech engine is installed: .*onnxruntime-node/);
});

test.serial(
  'an engine that takes more memory than its slot may is ended, and the failure says so',
  async (t) => {
    const { tools } = t.context;
    // More than ffmpeg takes for sound, less than the models do.
    t.context.tools = { ...tools, memory_bytes: 120 * 1_024 ** 2 };
    const error = await t.throwsAsync(run(t), { instanceOf: TaskError });
    t.is(error?.info.code, 'out_of_memory');
    t.regex(error?.info.detail ?? '', /120 MiB allowed \(FFMPEG_MEMORY_MB\)\n\nmoonshine/);
  },
);

test.serial('a stream that does not exist fails with a sentence and ffmpeg’s words', async (t) => {
  const error = await t.throwsAsync(run(t, { spec: { stream_index: 7 } }), { instanceOf: TaskError });
  t.is(error?.info.code, 'audio_decode_failed');
  t.truthy(error?.info.detail);
});

test.serial(
  'an abort in the middle ends the engine and ffmpeg, rejects with its reason, and leaves no objects',
  async (t) => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    // An hour of speech; the first utterance is out long before.
    const make = ['-stream_loop', '130', '-i', SAMPLE, '-map', '1:a', '-c', 'copy'];
    const running = run(t, {
      make,
      spec: { duration_s: 3600, language: 'en' },
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    t.is(await t.throwsAsync(running), reason);
    // The handler returns only after both have exited.
    const ours = [t.context.folder, 'moonshine-process'];
    const left = (await childCommands()).filter((command) => ours.some((part) => command.includes(part)));
    t.deepEqual(left, []);
    for await (const object of t.context.objects.list('attempt/')) t.fail(object.key);
  },
);
