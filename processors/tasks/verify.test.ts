import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type Processed, processFile } from '../ffmpeg/testing/pipeline.ts';
import { openTaskBench } from '../ffmpeg/testing/task-bench.ts';
import { TaskError } from './task-handler.ts';
import { verify } from './verify.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const picture = (size: string, rest = ':rate=25:duration=3') => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=size=${size}${rest}`,
];
const tone = (duration = 3) => ['-f', 'lavfi', '-i', `sine=duration=${duration}`];
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const pq = [
  '-color_trc',
  'smpte2084',
  '-color_primaries',
  'bt2020',
  '-colorspace',
  'bt2020nc',
  '-pix_fmt',
  'yuv420p10le',
];

/** Every kind of source goes through inspection, encoding, packaging and the gate. */
const sources: Record<string, { make: () => Promise<string>; size: string; audio: boolean; hard?: boolean }> =
  {
    'picture and sound': {
      make: () => bench.make('av.mp4', ...picture('1280x720'), ...tone(), ...x264),
      size: '1280x720',
      audio: true,
    },
    silent: {
      make: () => bench.make('silent.mp4', ...picture('640x360'), ...x264),
      size: '640x360',
      audio: false,
    },
    'rotated by 90 degrees': {
      make: async () =>
        bench.make(
          'turned.mov',
          '-display_rotation',
          '-90',
          '-i',
          await bench.make('flat.mp4', ...picture('640x360'), ...x264),
          '-c',
          'copy',
        ),
      size: '360x640',
      audio: false,
    },
    portrait: {
      make: () => bench.make('portrait.mp4', ...picture('360x640'), ...tone(), ...x264),
      size: '360x640',
      audio: true,
    },
    'odd in size': {
      make: () => bench.make('odd.mkv', ...picture('477x361'), '-c:v', 'ffv1'),
      size: '476x360',
      audio: false,
    },
    '4:3 at 480 lines': {
      make: () => bench.make('sd.mp4', ...picture('640x480'), ...tone(), ...x264),
      size: '480x360',
      audio: true,
    },
    'of wide pixels': {
      make: () =>
        bench.make(
          'pal.mpg',
          ...picture('720x576'),
          ...tone(),
          '-vf',
          'setsar=16/15',
          '-c:v',
          'mpeg2video',
          '-q:v',
          '3',
        ),
      size: '480x360',
      audio: true,
    },
    '10-bit': {
      make: () =>
        bench.make(
          'deep.mkv',
          ...picture('640x360'),
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-pix_fmt',
          'yuv420p10le',
        ),
      size: '640x360',
      audio: false,
    },
    'HDR (PQ)': {
      make: () =>
        bench.make(
          'pq.mkv',
          ...picture('640x360', ':rate=25:duration=1'),
          '-c:v',
          'libx265',
          '-preset',
          'ultrafast',
          '-x265-params',
          'log-level=none',
          ...pq,
        ),
      size: '640x360',
      audio: false,
    },
    interlaced: {
      make: () =>
        bench.make(
          'fields.ts',
          ...picture('720x576'),
          ...tone(),
          '-vf',
          'interlace',
          '-flags',
          '+ildct+ilme',
          '-c:v',
          'mpeg2video',
          '-q:v',
          '3',
        ),
      size: '450x360',
      audio: true,
    },
    'of a variable frame rate': {
      make: () =>
        bench.make(
          'vfr.mp4',
          ...picture('640x360'),
          ...tone(),
          '-vf',
          "select='not(mod(n,3))+lt(n,25)'",
          '-fps_mode',
          'vfr',
          ...x264,
        ),
      size: '640x360',
      audio: true,
    },
    'a tenth of a second long': {
      make: () =>
        bench.make('short.mp4', ...picture('640x360', ':rate=30:duration=0.1'), ...tone(0.1), ...x264),
      size: '640x360',
      audio: true,
    },
    'one frame': {
      make: () => bench.make('one.mp4', ...picture('640x360'), '-frames:v', '1', ...x264),
      size: '640x360',
      audio: false,
    },
    'in Matroska': {
      make: () =>
        bench.make('c.mkv', ...picture('640x360', ':rate=30000/1001:duration=3'), ...tone(), ...x264),
      size: '640x360',
      audio: true,
    },
    'in WebM': {
      make: () =>
        bench.make(
          'c.webm',
          ...picture('320x180'),
          ...tone(),
          '-c:v',
          'libvpx',
          '-deadline',
          'realtime',
          '-c:a',
          'libopus',
        ),
      size: '320x180',
      audio: true,
    },
    'in an MPEG transport stream': {
      make: () => bench.make('c.ts', ...picture('640x360'), ...tone(), ...x264),
      size: '640x360',
      audio: true,
    },
    'with sound that starts late': {
      make: () => bench.make('late.mp4', ...picture('640x360'), '-itsoffset', '0.7', ...tone(2), ...x264),
      size: '640x360',
      audio: true,
    },
    'with pictures that start late': {
      make: () =>
        bench.make(
          'latevideo.mkv',
          '-itsoffset',
          '0.5',
          ...picture('640x360'),
          ...tone(),
          '-map',
          '0',
          '-map',
          '1',
          ...x264,
        ),
      size: '640x360',
      audio: true,
    },
    'of pure noise': {
      make: () =>
        bench.make(
          'noise.mp4',
          '-f',
          'lavfi',
          '-i',
          'nullsrc=size=640x360:rate=25:duration=2,geq=random(1)*255:128:128',
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-crf',
          '10',
        ),
      size: '640x360',
      audio: false,
      hard: true,
    },
    'cut off in the middle': {
      make: async () => {
        const path = await bench.make(
          'cut.mp4',
          ...picture('640x360', ':rate=25:duration=6'),
          ...tone(6),
          ...x264,
          '-movflags',
          '+faststart',
        );
        await truncate(path, Math.floor((await readFile(path)).length / 2));
        return path;
      },
      size: '640x360',
      audio: true,
    },
  };

for (const [what, { make, size, audio, hard }] of Object.entries(sources)) {
  test.serial(`I10: a source ${what} passes the gate`, async (t) => {
    const { encoded, verifySpec } = await processFile(bench, await make());
    const largest = encoded.renditions.at(-1);
    t.is(`${largest?.width}x${largest?.height}`, size);
    t.is(encoded.audio !== undefined, audio);
    t.truthy(encoded.poster);
    t.truthy(encoded.storyboard);
    const { checks, quality } = await verify(verifySpec, await bench.attempt());
    t.true(checks.every(({ passed }) => passed));
    for (const { name } of hard ? [] : encoded.renditions) {
      t.true((quality[name]?.ssim ?? 0) > 0.9, `SSIM ${quality[name]?.ssim}`);
      t.true((quality[name]?.psnr ?? 0) > 25, `PSNR ${quality[name]?.psnr}`);
    }
  });
}

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
  t.regex(await complaints(await withRendition(late)), /360p: audio start: 0\.\d+ s/);
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
