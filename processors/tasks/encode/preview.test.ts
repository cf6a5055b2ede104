import { readFile } from 'node:fs/promises';
import test from 'ava';
import { previewMoments } from '../../ffmpeg/plan/preview-plan.ts';
import { colourOf } from '../../ffmpeg/testing/colour-of.ts';
import { processFile } from '../../ffmpeg/testing/pipeline.ts';
import { picture, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { storePreview } from './preview.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const spec = { width: 160, height: 90, frame_rate: 8, moments: 3, moment_s: 0.5 };

/** Chunks of a RIFF file: `ANMF` is one frame of an animation. */
function chunksOf(webp: Buffer): { name: string; body: Buffer }[] {
  const chunks: { name: string; body: Buffer }[] = [];
  for (let at = 12; at + 8 <= webp.length; ) {
    const size = webp.readUInt32LE(at + 4);
    chunks.push({ name: webp.toString('latin1', at, at + 4), body: webp.subarray(at + 8, at + 8 + size) });
    at += 8 + size + (size % 2);
  }
  return chunks;
}

test('moments lie in the middle of equal parts; a short video is one moment', (t) => {
  t.deepEqual(previewMoments(5, 1, 100), [9.5, 29.5, 49.5, 69.5, 89.5]);
  t.deepEqual(previewMoments(5, 1, 2), [0, 1]);
  t.deepEqual(previewMoments(5, 1, 0.1), [0]);
});

test.serial('the preview is an animation of small pictures of the asked length, for ever', async (t) => {
  const path = await bench.make('film.mp4', ...picture('640x360', ':rate=25:duration=6'), ...x264);
  const { encoded } = await processFile(bench, path, { preview: spec });
  t.like(encoded.preview, { width: 160, height: 90, duration_s: 1.5 });
  t.is(encoded.preview?.object.content_type, 'image/webp');
  const file = await bench.objects.localFile(encoded.preview?.object.key ?? '', bench.folder);
  const chunks = chunksOf(await readFile(file));
  const canvas = chunks.find(({ name }) => name === 'VP8X')?.body;
  t.is(`${(canvas?.readUIntLE(4, 3) ?? 0) + 1}x${(canvas?.readUIntLE(7, 3) ?? 0) + 1}`, '160x90');
  const frames = chunks.filter(({ name }) => name === 'ANMF').map(({ body }) => body.readUIntLE(12, 3));
  t.is(frames.length, 12);
  t.is(
    frames.reduce((sum, length_ms) => sum + length_ms, 0),
    1500,
  );
  t.is(chunks.find(({ name }) => name === 'ANIM')?.body.readUInt16LE(4), 0, 'without an end');
  t.false(chunks.some(({ name }) => ['EXIF', 'XMP ', 'ICCP'].includes(name)));
});

test.serial('a video of one frame has a preview of one picture', async (t) => {
  const path = await bench.make('one.mp4', ...picture('640x360'), '-frames:v', '1', ...x264);
  const { encoded } = await processFile(bench, path, { preview: spec });
  t.is(encoded.preview?.duration_s, 1 / 8);
});

test.serial('an ffmpeg without WebP makes a GIF; its moments are those of the whole video', async (t) => {
  const [red, green, blue] = ['red', 'lime', 'blue'].map((c) => `color=${c}:size=320x180:rate=25:duration=2`);
  const graph = `${red}[a];${green}[b];${blue}[c];[a][b][c]concat=n=3`;
  const film = await bench.make('rgb.mp4', '-f', 'lavfi', '-i', graph, ...x264);
  const attempt = await bench.attempt();
  const encoders = new Set([...bench.tools.encoders].filter((name) => name !== 'libwebp_anim'));
  const preview = await storePreview(spec, film, 6, { ...attempt, tools: { ...bench.tools, encoders } });
  t.is(preview?.object.content_type, 'image/gif');
  const file = await bench.objects.localFile(preview?.object.key ?? '', bench.folder);
  for (const [channel, frame] of [0, 4, 8].entries()) {
    const still = await bench.make(
      `frame-${frame}.png`,
      '-i',
      file,
      '-vf',
      `select='eq(n,${frame})'`,
      '-frames:v',
      '1',
    );
    const { key } = await bench.upload(still);
    const colour = await colourOf(bench, key, 'iw:ih:0:0');
    t.is(colour.indexOf(Math.max(...colour)), channel, `${frame}: ${colour}`);
  }
});

test.serial('what no preview can be made of costs nobody the video', async (t) => {
  const attempt = await bench.attempt();
  t.is(await storePreview(spec, 'missing.mp4', 6, attempt), undefined);
});
