import type { EncodeSpec } from '@transcodeflow/shared/contracts/encode-specs.ts';
import test from 'ava';
import { execa } from 'execa';
import { colourOf } from '../../ffmpeg/testing/colour-of.ts';
import { processInChunks } from '../../ffmpeg/testing/in-chunks.ts';
import { sameFrames } from '../../ffmpeg/testing/same-frames.ts';
import { picture, pq, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { verify } from '../verify/verify.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const clip = picture('192x108', ':rate=25:duration=6');
const gops = ['-g', '30'];
const rendition = (codec: 'h264' | 'hevc' | 'av1', width = 192, height = 108) => ({
  renditions: [{ name: 'small', width, height, codec, crf: 30, preset: 'ultrafast', max_bitrate: 1_200_000 }],
});
const x265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=30', ...pq];

interface Kind {
  file: string;
  args: string[];
  changes: Partial<EncodeSpec>;
  encoder?: string;
}

const kinds: Record<string, Kind> = {
  'HEVC, made by x265': {
    ...{ file: 'to-hevc.mp4', args: [...clip, ...x264, ...gops] },
    ...{ changes: rendition('hevc'), encoder: 'libx265' },
  },
  'AV1, made by SVT-AV1': {
    ...{ file: 'to-av1.mp4', args: [...clip, ...x264, ...gops] },
    ...{ changes: rendition('av1'), encoder: 'libsvtav1' },
  },
  'AV1, made by libaom': {
    ...{ file: 'to-aom.mp4', args: [...clip, ...x264, ...gops] },
    ...{ changes: rendition('av1'), encoder: 'libaom-av1' },
  },
  'HDR10 of HEVC, tone-mapped': {
    ...{ file: 'hdr.mkv', args: [...clip, ...x265], changes: rendition('h264') },
  },
};

for (const [what, { file, args, changes, encoder = 'libx264' }] of Object.entries(kinds))
  test.serial(`in chunks as whole, frame by frame, and through the gate: ${what}`, async (t) => {
    if (!bench.tools.encoders.has(encoder)) return t.pass(`This ffmpeg has no ${encoder}`);
    const encoders = new Set(['libx264', 'aac', 'mjpeg', encoder]);
    const made = await processInChunks(
      {
        ...bench,
        attempt: async () => ({ ...(await bench.attempt()), tools: { ...bench.tools, encoders } }),
      },
      await bench.make(file, ...args),
      2,
      changes,
    );
    t.is(made.parts.length, 3);
    t.true(made.partAttempts[1]?.commands.some((command) => command.includes(encoder)));
    const keys = [made.whole, made.stitched].map(({ renditions }) => renditions[0]?.object.key);
    // libaom begins further ones where it likes, after a forced one mostly.
    await sameFrames(t, bench, keys[0], keys[1], (pts) => encoder !== 'libaom-av1' || pts % 240_000 === 0);
    const codec = changes.renditions?.[0]?.codec ?? 'h264';
    const renditions = made.verifySpec.renditions.map((each) => ({ ...each, codec }));
    const { quality } = await verify({ ...made.verifySpec, renditions }, await bench.attempt());
    t.true((quality.small?.ssim ?? 0) > 0.8, JSON.stringify(quality));
  });

test.serial('in chunks as whole, frame by frame: a video that was filmed upright', async (t) => {
  const halves =
    'color=red:size=96x108:rate=25:duration=6[l];color=blue:size=96x108:rate=25:duration=6[r];[l][r]hstack';
  const flat = await bench.make('flat.mp4', '-f', 'lavfi', '-i', halves, ...x264, ...gops);
  const turned = await bench.make('turned.mov', '-display_rotation', '-90', '-i', flat, '-c', 'copy');
  const made = await processInChunks(bench, turned, 2, rendition('h264', 108, 192));
  t.is(made.parts.length, 3);
  await sameFrames(t, bench, made.whole.renditions[0]?.object.key, made.stitched.renditions[0]?.object.key);
  for (const part of made.parts) {
    const key = part.renditions[0]?.object.key ?? '';
    const [top = []] = [await colourOf(bench, key, 'iw:ih/4:0:0')];
    t.true((top[0] ?? 0) > 200 && (top[2] ?? 0) < 60, `top ${top}`);
  }
  await verify(made.verifySpec, await bench.attempt());
});

test.serial('where no figures are wanted, a chunk has none, and is looked at all the same', async (t) => {
  const made = await processInChunks(bench, await bench.make('plain.mp4', ...clip, ...x264, ...gops), 2, {
    ...rendition('h264'),
    quality: false,
  });
  t.deepEqual(
    made.parts.flatMap(({ renditions }) => renditions.map(({ quality }) => quality)),
    [undefined, undefined, undefined],
  );
  for (const { commands } of made.partAttempts)
    t.true(commands.some((command) => command.join(' ').includes('psnr@small-alike')));
  const { checks, quality } = await verify({ ...made.verifySpec, quality: false }, await bench.attempt());
  t.deepEqual(quality, {});
  t.true(checks.some(({ check }) => check === 'chunks'));
});

test.serial('in chunks as whole, frame by frame: with a watermark, which lies on every frame', async (t) => {
  const grey = ['-f', 'lavfi', '-i', 'color=0x404040:s=192x108:r=25:d=6'];
  const yellow = await bench.make(
    'yellow.png',
    '-f',
    'lavfi',
    '-i',
    'color=yellow:s=64x64',
    '-frames:v',
    '1',
  );
  const look = { position: 'top-left', width: 0.5, margin: 0, opacity: 1 } as const;
  const watermark = { ...look, image: await bench.upload(yellow) };
  const file = await bench.make('grey.mp4', ...grey, ...x264, ...gops);
  const made = await processInChunks(bench, file, 2, { ...rendition('h264'), watermark });
  t.is(made.parts.length, 3);
  const keys = [made.whole, made.stitched].map(({ renditions }) => renditions[0]?.object.key);
  await sameFrames(t, bench, keys[0], keys[1]);
  const path = await bench.objects.localFile(keys[1] ?? '', bench.folder);
  const corner = ['-vf', 'crop=16:16:4:4,scale=1:1:flags=area', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
  const { stdout } = await execa(bench.tools.ffmpeg, ['-v', 'error', '-i', path, ...corner], {
    encoding: 'buffer',
  });
  t.is(stdout.length, 150);
  t.true(
    stdout.every((level) => level > 190),
    'grey has 64, yellow some 210',
  );
  for (const { renditions } of made.parts) t.true((renditions[0]?.quality?.ssim ?? 0) > 0.98);
  await verify(made.verifySpec, await bench.attempt());
});

/** Of every decoded frame, in the order of showing. */
async function digests(key = ''): Promise<string[]> {
  const path = await bench.objects.localFile(key, bench.folder);
  const { stdout } = await execa(bench.tools.ffmpeg, [
    '-v',
    'error',
    '-i',
    path,
    '-map',
    '0:v',
    '-f',
    'framemd5',
    '-',
  ]);
  return stdout.split('\n').flatMap((line) => (line.startsWith('#') ? [] : [line.split(',').at(-1) ?? '']));
}

const wovenIn: Record<string, string[]> = {
  'is flagged as interlaced': ['-vf', 'interlace', '-flags', '+ildct+ilme'],
  'is woven of fields that nothing flags': ['-vf', 'tinterlace=mode=interleave_top,setfield=prog'],
};
for (const [what, args] of Object.entries(wovenIn))
  test.serial(`in chunks as whole, to the pixel: a video that ${what}`, async (t) => {
    const file = `${what.replaceAll(' ', '-')}.mkv`;
    const source = await bench.make(
      file,
      ...picture('320x480', ':rate=50:duration=6'),
      ...args,
      ...x264,
      ...gops,
    );
    // Without loss, so that only the pictures that were encoded can differ.
    const { renditions } = rendition('h264', 192, 108);
    const lossless = renditions.map((each) => ({ ...each, crf: 0, max_bitrate: 100_000_000 }));
    const made = await processInChunks(bench, source, 2, {
      renditions: lossless,
    });
    t.is(made.parts.length, 3);
    t.true(made.media.video?.interlaced === true || made.media.video?.unflagged_fields !== undefined);
    const keys = [made.whole, made.stitched].map(({ renditions: all }) => all[0]?.object.key);
    await sameFrames(t, bench, keys[0], keys[1]);
    t.deepEqual(await digests(keys[1]), await digests(keys[0]));
    await verify(made.verifySpec, await bench.attempt());
  });
