import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { processInChunks } from '../../ffmpeg/testing/in-chunks.ts';
import { packetsOf, sameFrames } from '../../ffmpeg/testing/same-frames.ts';
import { picture, tone } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { TaskError } from '../../task-error.ts';
import { verify } from '../verify/verify.ts';
import { stitch } from './stitch.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());
const openGop = (rest = '') => [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'],
  ...['-x264-params', `open-gop=1:keyint=30:bframes=3${rest}`],
];
const size = '192x108';
const uneven = "select='not(mod(n,2))+gte(t,4)',settb=1/1000";
const clips: Record<string, { file: string; args: string[] }> = {
  'constant rate, open GOPs, B frames, sound': {
    file: 'cfr.mp4',
    args: [...picture(size, ':rate=25:duration=6'), ...tone(6), ...openGop(), '-c:a', 'aac'],
  },
  '29.97 per second in Matroska': {
    file: 'ntsc.mkv',
    args: [...picture(size, ':rate=30000/1001:duration=6'), ...openGop()],
  },
  'varying rate, sparse first and dense last, starting late in Matroska': {
    file: 'vfr.mkv',
    args: [
      ...picture(size, ':rate=30:duration=6'),
      ...tone(6),
      ...['-vf', `${uneven},setpts=PTS+0.3/TB`, '-fps_mode', 'vfr', ...openGop(), '-c:a', 'aac'],
      ...['-output_ts_offset', '5'],
    ],
  },
  'varying rate, dense first and sparse last': {
    file: 'sparse.mp4',
    args: [
      ...picture(size, ':rate=30:duration=6'),
      // The distance changes where a chunk begins: its decoding times overlap those of the one before.
      ...['-vf', "select='lt(t,4)+not(mod(n,6))'", '-fps_mode', 'vfr'],
      ...['-force_key_frames', '4', ...openGop()],
    ],
  },
  'pictures that start after the sound': {
    file: 'late.mp4',
    args: [
      ...tone(6),
      ...['-itsoffset', '0.5', ...picture(size, ':rate=25:duration=6')],
      ...['-map', '1:v', '-map', '0:a', ...openGop(), '-c:a', 'aac'],
    ],
  },
};

for (const [name, { file, args }] of Object.entries(clips))
  test.serial(`in chunks as whole, frame by frame: ${name}`, async (t) => {
    const made = await processInChunks(bench, await bench.make(file, ...args), 2);
    const { whole, stitched, parts, media } = made;
    t.true((media.entry_points_s?.length ?? 0) >= 2, JSON.stringify(media));
    t.is(parts.length, media.entry_points_s?.length ?? 0);
    await sameFrames(t, bench, whole.renditions[0]?.object.key, stitched.renditions[0]?.object.key);
    t.is(whole.audio?.duration_s, stitched.audio?.duration_s);
    if (whole.audio)
      t.deepEqual(
        await packetsOf(bench, stitched.renditions[0]?.object.key ?? '', 'a'),
        await packetsOf(bench, whole.renditions[0]?.object.key ?? '', 'a'),
        'sound without a join',
      );
    t.is(stitched.storyboard?.tiles, whole.storyboard?.tiles);
    t.truthy(stitched.poster);

    const checked = await verify(made.verifySpec, await bench.attempt());
    const chunks = checked.checks.find(({ check }) => check === 'chunks');
    t.regex(chunks?.detail ?? '', /each decoded/);
    const unsplit = made.verifySpec.renditions.map(({ chunks: _, ...rendition }, index) => ({
      ...rendition,
      object: whole.renditions[index]?.object ?? rendition.object,
    }));
    const { quality } = await verify({ ...made.verifySpec, renditions: unsplit }, await bench.attempt());
    const [rung = ''] = Object.keys(quality);
    const ssim = (of: typeof quality) => of[rung]?.ssim ?? 0;
    t.true(
      Math.abs(ssim(checked.quality) - ssim(quality)) < 0.02,
      JSON.stringify([checked.quality, quality]),
    );
  });

test.serial(
  'the poster of an instant at which no frame begins, before a cut: the next frame, as in one run',
  async (t) => {
    const still = ["select='lt(t,3)+gte(t,4)'", '-fps_mode', 'vfr', '-force_key_frames', '2,4'];
    const args = [...picture(size, ':rate=25:duration=8'), '-vf', ...still, ...openGop()];
    const poster = { width: 192, height: 108, time_s: 3.4 };
    const made = await processInChunks(bench, await bench.make('gap.mp4', ...args), 2, { poster });
    t.true(made.media.entry_points_s?.includes(4), JSON.stringify(made.media.entry_points_s));
    const [whole, stitched] = await Promise.all(
      [made.whole, made.stitched].map(async ({ poster: made }) =>
        hash('sha256', await readFile(await bench.objects.localFile(made?.object.key ?? '', bench.folder))),
      ),
    );
    t.is(stitched, whole);
  },
);

test.serial(
  'what is not what was made in chunks passes no gate, and different configurations are not joined',
  async (t) => {
    const args = [...picture(size, ':rate=25:duration=6'), ...openGop()];
    const made = await processInChunks(bench, await bench.make('tampered.mp4', ...args), 2);
    const { stitchSpec, verifySpec } = made;
    const [rendition] = stitchSpec.renditions;
    if (!rendition) return t.fail();
    const join = async (chunks: typeof rendition.chunks) =>
      stitch({ ...stitchSpec, renditions: [{ ...rendition, chunks }] }, await bench.attempt());
    const refused = async (chunks: typeof rendition.chunks, detail: RegExp) => {
      const object = (await join(chunks)).renditions[0]?.object;
      const renditions = verifySpec.renditions.map((each) => ({ ...each, object: object ?? each.object }));
      const error = await t.throwsAsync(verify({ ...verifySpec, renditions }, await bench.attempt()), {
        instanceOf: TaskError,
      });
      t.regex(error?.info.detail ?? '', detail);
    };
    const [one, two, three] = rendition.chunks;
    if (!one || !two || !three) return t.fail();
    await refused([one, { ...one, first_s: two.first_s }, three], /chunk 2 holds other pictures|chunk 2 has/);
    await refused([one, two], /chunk 3 has 0 frames/);
    await refused([one, { ...two, first_s: two.first_s + 0.02 }, three], /chunk 2 is shown at other times/);
    const error = await t.throwsAsync(join([one, { ...two, extradata: 'another' }, three]), {
      instanceOf: TaskError,
    });
    t.is(error?.info.code, 'chunks_differ');
  },
);
