import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { processInChunks } from '../../ffmpeg/testing/in-chunks.ts';
import { packetsOf, sameFrames } from '../../ffmpeg/testing/same-frames.ts';
import { picture, tone } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { verify } from '../verify/verify.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const openGop = (rest = '') => [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'],
  ...['-x264-params', `open-gop=1:keyint=30:bframes=3${rest}`],
];
const size = '192x108';
const clips = {
  'from between two keyframes and between two frames, with sound': {
    file: 'between.mp4',
    args: [...picture(size, ':rate=25:duration=9'), ...tone(9), ...openGop(), '-c:a', 'aac'],
    trim: { start_s: 1.333, end_s: 8.111 },
  },
  'far from the start, where reading begins in mid-file': {
    file: 'far.mp4',
    args: [...picture(size, ':rate=30000/1001:duration=20'), ...tone(20), ...openGop(), '-c:a', 'aac'],
    trim: { start_s: 12.3456, end_s: 19.5 },
  },
  'varying rate in Matroska, whose clock begins late and has milliseconds': {
    file: 'vfr.mkv',
    args: [
      ...picture(size, ':rate=30:duration=9'),
      ...['-vf', "select='not(mod(n,2))+gte(t,4)',settb=1/1000", '-fps_mode', 'vfr', ...openGop()],
      ...['-output_ts_offset', '5'],
    ],
    trim: { start_s: 1.0107, end_s: 7.9 },
  },
  'from the very start': {
    file: 'start.mp4',
    args: [...picture(size, ':rate=25:duration=9'), ...openGop()],
    trim: { start_s: 0, end_s: 7 },
  },
  'pictures that start long after the sound': {
    file: 'late.mp4',
    args: [
      ...tone(12),
      ...['-itsoffset', '3', ...picture(size, ':rate=25:duration=9')],
      ...['-map', '1:v', '-map', '0:a', ...openGop(), '-c:a', 'aac'],
    ],
    trim: { start_s: 0, end_s: 11 },
  },
  'to an end after the last picture': {
    file: 'longer-sound.mp4',
    args: [...picture(size, ':rate=25:duration=8'), ...tone(9), ...openGop(), '-c:a', 'aac'],
    trim: { start_s: 1.01, end_s: 8.9 },
  },
  'interlaced, which is deinterlaced by looking at neighbours': {
    file: 'fields.mp4',
    args: [
      ...picture(size, ':rate=50:duration=9'),
      ...['-vf', 'interlace', '-flags', '+ildct+ilme', ...openGop(':tff=1')],
    ],
    trim: { start_s: 1.51, end_s: 8.4 },
  },
};

/** Ticks of 1/120000 s at 25 a second. */
const FRAME = 4_800;
const keyframesOf = async (key: string) =>
  (await packetsOf(bench, key, 'v')).filter(({ keyframe }) => keyframe).map(({ pts }) => pts);

for (const [name, { file, args, trim }] of Object.entries(clips))
  test.serial(`trimmed, in chunks as whole, frame by frame: ${name}`, async (t) => {
    const poster = { width: 192, height: 108, time_s: 4.1 };
    const made = await processInChunks(bench, await bench.make(file, ...args), 2, { trim, poster });
    const { whole, stitched, parts } = made;
    t.true(parts.length >= 3, `${parts.length} chunks`);
    const keys = [whole, stitched].map(({ renditions }) => renditions[0]?.object.key ?? '');
    await sameFrames(t, bench, keys[0], keys[1], () => false);
    // The single encode counts from its first frame, chunks from where the video is trimmed, a part of a frame before.
    const [one = [], joined = []] = await Promise.all(keys.map((key) => keyframesOf(key)));
    const isNear = (pts: number) => joined.some((other) => Math.abs(other - pts) <= FRAME);
    t.true(one.every(isNear), `keyframes of the single encode: ${one}, of the chunks: ${joined}`);
    t.true(joined.length < one.length + parts.length, 'further ones only where a chunk begins');
    const lengths = [whole, stitched].map(({ renditions }) => renditions[0]?.duration_s ?? 0);
    // A filter takes from a single encode how long its last frame is shown.
    t.true(Math.abs((lengths[1] ?? 0) - (lengths[0] ?? 0)) < 0.045, String(lengths));
    if (whole.audio)
      t.deepEqual(await packetsOf(bench, keys[1] ?? '', 'a'), await packetsOf(bench, keys[0] ?? '', 'a'));
    const pictures = async (key = '') =>
      hash('sha256', await readFile(await bench.objects.localFile(key, bench.folder)));
    t.is(stitched.storyboard?.tiles, whole.storyboard?.tiles);
    // The first picture of a single encode has no neighbour before it to look at; a chunk's has.
    if (!made.media.video?.interlaced)
      t.is(await pictures(stitched.storyboard?.image.key), await pictures(whole.storyboard?.image.key));
    t.is(await pictures(stitched.poster?.object.key), await pictures(whole.poster?.object.key));

    const { checks, quality } = await verify(made.verifySpec, await bench.attempt());
    t.regex(checks.find(({ check }) => check === 'chunks')?.detail ?? '', /each decoded/);
    const [figures] = Object.values(quality);
    t.true((figures?.ssim ?? 0) > 0.9, JSON.stringify(quality));
  });
