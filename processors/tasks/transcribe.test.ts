import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TranscribeResult } from '@transcodeflow/shared/contracts/task-results.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { openSafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { execa } from 'execa';
import { z } from 'zod';
import { findMediaTools } from '../ffmpeg/find-media-tools.ts';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { moonshineEngine } from '../speech/moonshine-engine.ts';
import { wordErrorRate } from '../speech/word-error-rate.ts';
import { type ProgressUpdate, TaskError } from './task-handler.ts';
import { transcribe, transcribeWith } from './transcribe.ts';

const SAMPLE = fileURLToPath(new URL('../../samples/bunny-with-reading.mp4', import.meta.url));
const SPOKEN = new URL('../../samples/bunny-with-reading.txt', import.meta.url);

const test = anyTest as TestFn<{ folder: string; objects: ObjectStore; tools: MediaTools }>;

test.beforeEach(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'transcribe-'));
  t.context = {
    folder,
    objects: await openDirectoryStore(path.join(folder, 'objects')),
    tools: await findMediaTools(),
  };
});
test.afterEach.always(async (t) => {
  await t.context.objects.close();
  await rm(t.context.folder, { recursive: true, force: true });
});

interface Run {
  /** Its ending chooses the container. Default `source.mkv`. */
  name?: string;
  /** ffmpeg's arguments that make the source from the sample (input 0) or from filters. */
  make?: string[];
  spec?: Partial<SpecOf<'transcribe'>>;
  signal?: AbortSignal;
  handler?: typeof transcribe;
  onProgress?: (update: ProgressUpdate) => void;
}

async function run(
  t: ExecutionContext<{ folder: string; objects: ObjectStore; tools: MediaTools }>,
  options: Run = {},
) {
  const { folder, objects, tools } = t.context;
  const { make, spec, signal = new AbortController().signal, handler = transcribe, onProgress } = options;
  const { name = 'source.mkv' } = options;
  const file = path.join(folder, name);
  await execa(tools.ffmpeg, [
    '-v',
    'error',
    '-nostdin',
    '-i',
    SAMPLE,
    ...(make ?? ['-c', 'copy', '-map', '0:a']),
    file,
  ]);
  const source = await objects.putFile(name, file);
  const workFolder = path.join(folder, 'work');
  await mkdir(workFolder);
  return handler(
    {
      kind: 'transcribe',
      source: { key: source.key, size_bytes: source.size, content_type: source.contentType },
      duration_s: 28,
      stream_index: 0,
      ...spec,
    },
    {
      objects,
      web: openSafeFetch(),
      tools,
      signal,
      workFolder,
      prefix: 'attempt/',
      log: silentLogger,
      progress: (update) => onProgress?.(update),
      ran: () => undefined,
      degraded: () => t.fail(),
    },
  );
}

const Segments = z.object({
  language: z.string(),
  engine: z.string(),
  duration_s: z.number(),
  segments: z.array(z.object({ start: z.number(), end: z.number(), text: z.string() })),
});

async function read(objects: ObjectStore, key: string): Promise<string> {
  return text((await objects.get(key)).body);
}

function available(t: ExecutionContext, result: TranscribeResult) {
  if (!result.available) throw new Error(`Not available: ${result.reason}`);
  t.is(result.kind, 'transcribe');
  return result;
}

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

test.serial('sound that starts later than the picture keeps its place in time', async (t) => {
  const make = ['-itsoffset', '5', '-i', SAMPLE, '-map', '0:v', '-map', '1:a', '-c', 'copy'];
  const result = available(t, await run(t, { make, spec: { stream_index: 1, duration_s: 33 } }));
  const { segments } = Segments.parse(JSON.parse(await read(t.context.objects, result.formats.json.key)));
  t.true(Math.abs((segments[0]?.start ?? 0) - 6.3) <= 0.3, String(segments[0]?.start));
});

/** When the sentences of the sample begin and the last one ends, measured by the level of the sound. */
const SPOKEN_AT: readonly [string, number][] = [
  ['And Mr. John', 1.23],
  ['He was not', 8.75],
  ['Unless', 12.16],
  ['Had he married', 17.86],
  ['He might even', 24.07],
];
const LAST_WORD_ENDS = 27.12;

// Where the film's clock begins, and where silence was put between its sentences.
for (const [what, name, make, duration_s, later] of [
  [
    'a clock that begins at 100 s (MPEG-TS)',
    'source.ts',
    ['-map', '0:v', '-map', '0:a', '-c', 'copy', '-output_ts_offset', '100'],
    28,
    () => 0,
  ],
  [
    'negative time stamps (MP4 with an edit list)',
    'source.mp4',
    ['-ss', '0.7', '-i', SAMPLE, '-map', '1:v', '-map', '1:a', '-c:v', 'copy', '-c:a', 'aac'],
    27.3,
    () => -0.7,
  ],
  [
    'sound that begins 5 s late',
    'source.mkv',
    ['-itsoffset', '5', '-i', SAMPLE, '-map', '0:v', '-map', '1:a', '-c', 'copy'],
    33,
    () => 5,
  ],
  [
    'three seconds of silence put in after 8 s',
    'source.mkv',
    [
      '-filter_complex',
      '[0:a]asplit[x][y];[x]atrim=end=8,apad=pad_dur=3[a];[y]atrim=start=8,asetpts=PTS-STARTPTS[b];[a][b]concat=v=0:a=1[out]',
      '-map',
      '[out]',
    ],
    31,
    (at: number) => (at > 8 ? 3 : 0),
  ],
  [
    'packets of sound that are missing for two seconds',
    'source.mkv',
    ['-map', '0:v', '-map', '0:a', '-c', 'copy', '-bsf:a', 'setts=ts=TS+if(gt(TS*TB\\,8)\\,2/TB\\,0)'],
    30,
    (at: number) => (at > 8 ? 2 : 0),
  ],
] as const)
  test.serial(`words are within 0.3 s of where they are heard: ${what}`, async (t) => {
    const audio = make.some((option) => option === '[out]') ? 0 : 1;
    const result = available(
      t,
      await run(t, { name, make: [...make], spec: { stream_index: audio, duration_s } }),
    );
    const { objects } = t.context;
    const { segments } = Segments.parse(JSON.parse(await read(objects, result.formats.json.key)));
    for (const [words, at] of SPOKEN_AT) {
      const start = segments.find(({ text: said }) => said.startsWith(words))?.start ?? -1;
      t.true(Math.abs(start - at - later(at)) <= 0.3, `${words}: ${start}, expected ${at + later(at)}`);
    }
    const end = segments.at(-1)?.end ?? -1;
    t.true(Math.abs(end - LAST_WORD_ENDS - later(LAST_WORD_ENDS)) <= 0.3, `ends at ${end}`);
    // The same times in all formats.
    const seconds = (time: string) => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    const [vtt, srt] = [
      await read(objects, result.formats.vtt.key),
      await read(objects, result.formats.srt.key),
    ];
    for (const file of [vtt, srt.replaceAll(/(\d),(\d{3})/g, '$1.$2')]) {
      const times = [...file.matchAll(/(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})/g)];
      t.deepEqual(
        times.map(([, from = '', to = '']) => [seconds(from).toFixed(3), seconds(to).toFixed(3)]),
        segments.map(({ start, end }) => [start.toFixed(3), end.toFixed(3)]),
      );
    }
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
  await cp(new URL('../speech', import.meta.url), away, { recursive: true });
  const engine = moonshineEngine(pathToFileURL(path.join(away, 'moonshine-process.ts')));
  const result = await run(t, { handler: transcribeWith(engine) });
  t.false(result.available);
  t.regex(result.available ? '' : result.reason, /^No speech engine is installed: .*onnxruntime-node/);
});

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
    t.deepEqual(await childrenWith(t.context.folder), []);
    for await (const object of t.context.objects.list('attempt/')) t.fail(object.key);
  },
);

/** Command lines of this process's children (Linux) that name the folder, or are the engine's. */
async function childrenWith(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (stat.slice(stat.lastIndexOf(')')).split(' ')[2] !== String(process.pid)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(folder) || command.includes('moonshine-process')) found.push(command);
  }
  return found;
}
