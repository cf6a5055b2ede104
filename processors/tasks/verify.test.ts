import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { type Processed, processFile } from '../ffmpeg/testing/pipeline.ts';
import { picture, tone, x264 } from '../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../ffmpeg/testing/task-bench.ts';
import { TaskError } from './task-handler.ts';
import { verify } from './verify.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

let good: Processed | undefined;
async function goodOutput(): Promise<Processed> {
  good ??= await processFile(
    bench,
    await bench.make('good.mp4', ...picture('640x360', ':rate=25:duration=4'), ...tone(4), ...x264),
  );
  return good;
}

/** The gate's complaints about outputs of which one object was replaced. */
async function complaints(spec: Processed['verifySpec']): Promise<string> {
  const error = await verify(spec, await bench.attempt()).catch((e: unknown) => e);
  if (!(error instanceof TaskError)) return `passed: ${JSON.stringify(error)}`;
  return `${error.info.code}\n${error.info.detail}`;
}

async function withRendition(file: string): Promise<Processed['verifySpec']> {
  const { verifySpec } = await goodOutput();
  const object = await bench.upload(file);
  return {
    ...verifySpec,
    hls: undefined,
    renditions: verifySpec.renditions.map((rendition) => ({ ...rendition, object })),
  };
}

async function renditionFile(): Promise<string> {
  const { verifySpec } = await goodOutput();
  return bench.objects.localFile(verifySpec.renditions[0]?.object.key ?? '', bench.folder);
}

test.serial('I10: the gate refuses an output that is too short', async (t) => {
  const short = await bench.make('short-output.mp4', '-i', await renditionFile(), '-t', '3', '-c', 'copy');
  t.regex(await complaints(await withRendition(short)), /360p: timeline: 7\d frames from 0\.000 s to 3/);
});

test.serial('I10: the gate misses pictures of a source that does not count its own', async (t) => {
  const stream = await bench.make('uncounted.ts', ...picture('320x180', ':rate=25:duration=2'), ...x264);
  const { verifySpec } = await processFile(bench, stream);
  const [rendition] = verifySpec.renditions;
  if (!rendition) throw new Error('Nothing was encoded');
  const whole = await bench.objects.localFile(rendition.object.key, bench.folder);
  // The picture of the first second stands still in the other, but for the last frame.
  const select = ['-vf', "select='lt(n,25)+eq(n,49)'", '-fps_mode', 'vfr'];
  const frozen = await bench.make('frozen.mp4', '-i', whole, ...select, ...x264);
  const renditions = [{ ...rendition, object: await bench.upload(frozen) }];
  t.regex(
    await complaints({ ...verifySpec, hls: undefined, renditions }),
    /timeline: 26 frames .* decodable part of the source 50 frames/,
  );
});

test.serial('I10: the gate refuses an output without its sound', async (t) => {
  const mute = await bench.make('mute.mp4', '-i', await renditionFile(), '-an', '-c', 'copy');
  t.regex(
    await complaints(await withRendition(mute)),
    /360p: streams: video:h264, expected video:h264 audio:aac/,
  );
});

test.serial('I10: the gate refuses an output of the wrong size', async (t) => {
  const small = await bench.make(
    'small.mp4',
    '-i',
    await renditionFile(),
    '-vf',
    'scale=320:180',
    '-c:a',
    'copy',
    ...x264,
  );
  t.regex(await complaints(await withRendition(small)), /360p: size: 320x180, expected 640x360/);
});

test.serial('I10: the gate refuses sound that is out of step', async (t) => {
  const input = await renditionFile();
  const late = await bench.make(
    'out-of-step.mp4',
    '-itsoffset',
    '0.3',
    '-i',
    input,
    '-i',
    input,
    '-map',
    '1:v',
    '-map',
    '0:a',
    '-c',
    'copy',
  );
  const said = await complaints(await withRendition(late));
  t.regex(said, /360p: audio start: first packet at 0\.\d+ s/);
  t.regex(said, /360p: A\/V sync: sound 0\.(299|300|301) s late/);
});

test.serial('I10: the gate refuses sound with a hole', async (t) => {
  const hole = await bench.make(
    'hole.mp4',
    '-i',
    await renditionFile(),
    '-c',
    'copy',
    '-bsf:a',
    "noise=amount=0:drop='between(n,40,60)'",
  );
  t.regex(await complaints(await withRendition(hole)), /360p: audio without gaps: largest gap 0\.\d+/);
});

test.serial('I10: the gate refuses what does not decode', async (t) => {
  const damaged = join(bench.folder, 'damaged.mp4');
  await copyFile(await renditionFile(), damaged);
  const bytes = await readFile(damaged);
  bytes.fill(0x55, Math.floor(bytes.length * 0.5), Math.floor(bytes.length * 0.52));
  await writeFile(damaged, bytes);
  t.regex(await complaints(await withRendition(damaged)), /360p: decodes: /);
});

test.serial('I10: the gate refuses other pictures of the same length', async (t) => {
  const audio = await renditionFile();
  const other = await bench.make(
    'other.mp4',
    '-f',
    'lavfi',
    '-t',
    '4',
    '-i',
    'mandelbrot=size=640x360:rate=25',
    '-i',
    audio,
    '-map',
    '0',
    '-map',
    '1:a',
    '-c:a',
    'copy',
    ...x264,
  );
  t.regex(await complaints(await withRendition(other)), /360p: same pictures: 1?\d\.\d dB alike/);
});

test.serial('I10: the gate refuses a package with a missing, a swapped or a truncated segment', async (t) => {
  const { verifySpec, packaged } = await goodOutput();
  const copyPackage = async (to: string) => {
    for await (const { key } of bench.objects.list(packaged.prefix)) {
      const { body } = await bench.objects.get(key);
      await bench.objects.put(`${to}${key.slice(packaged.prefix.length)}`, body);
    }
    return { ...verifySpec, hls: { prefix: to, master: packaged.master } };
  };
  const segment = (prefix: string, number: number) => `${prefix}360p/segment-0000${number}.m4s`;

  const missing = await copyPackage('missing/');
  await bench.objects.remove([segment('missing/', 2)]);
  t.regex(await complaints(missing), /hls\/360p\/playlist\.m3u8: content: .*No object/);

  const swapped = await copyPackage('swapped/');
  await bench.objects.put(segment('swapped/', 2), (await bench.objects.get(segment('swapped/', 1))).body);
  t.regex(await complaints(swapped), /hls\/360p\/playlist\.m3u8: content: /);

  const cut = await copyPackage('cut/');
  const { body, info } = await bench.objects.get(segment('cut/', 2), { range: { start: 0, end: 9999 } });
  t.true(info.size > 10_000);
  await bench.objects.put(segment('cut/', 2), body);
  t.regex(await complaints(cut), /hls\/360p\/playlist\.m3u8: content: /);
});

test.serial(
  'I10: the gate refuses a DASH manifest that names another time, another file, or nothing',
  async (t) => {
    const { verifySpec, packaged } = await goodOutput();
    const manifest = await text((await bench.objects.get(`${packaged.prefix}manifest.mpd`)).body);
    const { hls } = verifySpec;
    if (!hls) throw new Error('Nothing was packaged');
    const changed = async (from: string | RegExp, to: string) => {
      await bench.objects.put(`${packaged.prefix}other.mpd`, Readable.from([manifest.replace(from, to)]));
      return complaints({ ...verifySpec, hls: { ...hls, manifest: 'other.mpd' } });
    };
    t.regex(await changed(/ d="\d+"/, ' d="1000"'), /dash\/360p: segments: 360p\/segment-00001\.m4s lasts/);
    t.regex(await changed('segment-$Number', 'part-$Number'), /dash\/360p: segments: /);
    t.regex(
      await changed('id="audio"', 'id="sound"'),
      /dash: representations: 360p sound, expected 360p audio/,
    );
    t.regex(
      await changed(/Duration="PT\d+/, 'Duration="PT7'),
      /dash: duration: 7\.\d+ s, its segments end at 4/,
    );
    const missing = { ...verifySpec, hls: { ...hls, manifest: 'no.mpd' } };
    t.regex(await complaints(missing), /dash: manifest: it is missing/);
  },
);

/** Twelve seconds: what happens at 8 s is in no window. */
async function longer(): Promise<Processed> {
  const source = await bench.make('longer.mp4', ...picture('320x180', ':rate=25:duration=12'), ...x264);
  return processFile(bench, source);
}

async function replaced(
  { verifySpec }: Processed,
  filters: string,
  changes: Partial<Processed['verifySpec']['renditions'][number]> = {},
): Promise<string> {
  const key = verifySpec.renditions[0]?.object.key ?? '';
  const path = await bench.objects.localFile(key, bench.folder);
  const object = await bench.upload(await bench.make('replaced.mp4', '-i', path, '-vf', filters, ...x264));
  const renditions = verifySpec.renditions.map((rendition) => ({ ...rendition, object, ...changes }));
  return complaints({ ...verifySpec, hls: undefined, renditions });
}

test.serial('I10: green frames in the middle are refused, also outside of the sampled windows', async (t) => {
  const processed = await longer();
  const green = "drawbox=t=fill:c=0x008000:enable='between(t,8,8.4)'";
  t.regex(
    await replaced(processed, green),
    /^gate_failed\n180p: same pictures: 1?\d\.\d dB alike at 8\.\d+ s, SSIM 0\.9\d+.*$/,
  );
  const black = "drawbox=t=fill:c=black:enable='between(t,8,8.04)'";
  t.regex(await replaced(processed, black), /^gate_failed\n180p: same pictures: /);
});

test.serial('I10: a film that has dark moments itself passes', async (t) => {
  const dark = ['-vf', "drawbox=t=fill:c=black:enable='between(t,8,9)'"];
  const source = await bench.make(
    'dark.mp4',
    ...picture('320x180', ':rate=25:duration=12'),
    ...dark,
    ...x264,
  );
  const { verifySpec } = await processFile(bench, source);
  await t.notThrowsAsync(verify(verifySpec, await bench.attempt()));
});

test.serial(
  'I10: a rendition below the floor is refused with the figures, but where its cap is the reason',
  async (t) => {
    const processed = await longer();
    const floor = { least_ssim: 0.8, max_bitrate: 10_000_000 };
    const blurred = 'gblur=sigma=6';
    t.regex(
      await replaced(processed, blurred, floor),
      /^gate_failed\n180p: quality floor: SSIM 0\.[0-7]\d+, at least 0\.8, \d+ of at most 10000 kbit\/s$/,
    );
    t.regex(await replaced(processed, blurred, { ...floor, max_bitrate: 50_000 }), /^passed/);
    t.regex(await replaced(processed, blurred), /^passed/);
    t.regex(await replaced(processed, 'null', floor), /^passed/);
  },
);
