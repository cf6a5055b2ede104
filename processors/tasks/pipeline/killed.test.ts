import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Watermark } from '@transcodeflow/shared/contracts/watermark.ts';
import test, { type ExecutionContext } from 'ava';
import { installFakeFfmpeg } from '../../ffmpeg/testing/install-fake-ffmpeg.ts';
import { type Processed, processFile } from '../../ffmpeg/testing/pipeline.ts';
import { picture, tone, x264 } from '../../ffmpeg/testing/sources.ts';
import { type Attempt, openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { TaskError } from '../../task-error.ts';
import { inspect } from '../inspect/inspect.ts';
import { packageTask } from '../package/package.ts';
import { prepareWatermark } from '../prepare-watermark.ts';
import { thumbnail } from '../thumbnail/thumbnail.ts';
import { transcribe } from '../transcribe/transcribe.ts';
import { verify } from '../verify/verify.ts';

/** What the kernel does to ffmpeg where memory is short says nothing about the file: no task may take it for a verdict. */

const bench = await openTaskBench();
test.after.always(() => bench.close());

let made: Promise<Processed> | undefined;
/** A film with sound and subtitles, of a height that fields are recorded in. */
async function film(): Promise<Processed> {
  const srt = join(bench.folder, 'en.srt');
  await writeFile(srt, '1\n00:00:00,200 --> 00:00:01,500\nWords\n');
  const inputs = [...picture('320x480', ':rate=25:duration=2'), ...tone(2), '-i', srt];
  made ??= bench.make('film.mkv', ...inputs, ...x264).then((path) => processFile(bench, path));
  return made;
}

/** Has the runs whose arguments contain `where` killed half-way; the task must end for another attempt. */
async function fails(t: ExecutionContext, where: string, task: (attempt: Attempt) => unknown): Promise<void> {
  const attempt = await bench.attempt();
  const fake = await installFakeFfmpeg(join(bench.folder, attempt.prefix), bench.tools, where, [
    { do: 'print', text: 'some output' },
    { do: 'kill-itself' },
  ]);
  attempt.tools = fake.tools;
  const error = await t.throwsAsync(async () => task(attempt), { instanceOf: TaskError });
  t.like(error?.info, { code: 'ffmpeg_killed', retryable: true }, error?.info.detail);
  t.is((await fake.runs()).length, 1);
}

for (const [what, where] of [
  ['the video is not called broken', '0:0 -frames'],
  ['the sound is not left out', '0:1 -frames'],
  ['pictures are not called whole', ',idet'],
] as const)
  test.serial(`killed at an inspection: ${what}`, async (t) => {
    const { source } = await film();
    await fails(t, where, (attempt) => inspect({ kind: 'inspect', source, filename: 'any' }, attempt));
  });

for (const [what, where] of [
  ['decoding a rendition', 'glimpses.gray'],
  ['decoding the sound', 'comp=0.005:first_pts=0'],
  ["decoding the source's sound", 'async=1:first_pts=0,aformat'],
] as const)
  test.serial(`killed at the gate, ${what}: nothing is refused`, async (t) => {
    const { verifySpec } = await film();
    await fails(t, where, (attempt) => verify(verifySpec, attempt));
  });

test.serial('killed at reading subtitles: none are left out', async (t) => {
  const { source, media, encoded } = await film();
  const streams = media.subtitles.map(({ index }) => ({ name: `subtitles-${index}`, stream_index: index }));
  const { renditions } = encoded;
  const subtitles = { source, streams };
  t.is(streams.length, 1);
  await fails(t, '.vtt', (attempt) =>
    packageTask({ kind: 'package', renditions, segment_s: 2, dash: true, subtitles }, attempt),
  );
});

async function image() {
  const one = ['-f', 'lavfi', '-i', 'testsrc2=size=64x64', '-frames:v', '1'];
  return bench.upload(await bench.make('picture.png', ...one));
}

test.serial("killed at a client's thumbnail: it is not refused", async (t) => {
  const spec = { kind: 'thumbnail' as const, image: await image(), max_width: 640 };
  await fails(t, '[picture]', (attempt) => thumbnail(spec, attempt));
});

test.serial("killed at a client's watermark: it is not refused", async (t) => {
  const watermark = Watermark.parse({ image: await image() });
  await fails(t, '[picture]', (attempt) => prepareWatermark(watermark, attempt));
});

test.serial('killed at listening: the sound is not called undecodable', async (t) => {
  const { source } = await film();
  const spec = { kind: 'transcribe' as const, source, stream_index: 1, duration_s: 2 };
  await fails(t, 'f32le', (attempt) => transcribe(spec, attempt));
});
