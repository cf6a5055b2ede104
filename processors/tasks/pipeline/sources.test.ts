import { readFile, truncate } from 'node:fs/promises';
import test from 'ava';
import { processFile } from '../../ffmpeg/testing/pipeline.ts';
import { picture, pq, tone, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { verify } from '../verify/verify.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

interface Source {
  /** File name and ffmpeg's arguments. */
  make: [name: string, ...args: string[]];
  /** Of the largest rendition. */
  size: string;
  audio?: boolean;
  /** Too noisy to look like itself after compression. */
  hard?: boolean;
  /** Half of the file is cut off. */
  cut?: boolean;
}

const small = picture('640x360');
test.before(async () => {
  await bench.make('flat.mp4', ...small, ...x264);
});
const mpeg2 = ['-c:v', 'mpeg2video', '-q:v', '3'];
const x265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none'];
const noise = 'nullsrc=size=640x360:rate=25:duration=2,geq=random(1)*255:128:128';

/** Every kind of source goes through inspection, encoding, packaging and the gate. */
// biome-ignore format: a table, a line for what is made and one for what comes of it
const sources: Record<string, Source> = {
  'picture and sound': {
    make: ['av.mp4', ...picture('1280x720'), ...tone(), ...x264],
    size: '1280x720', audio: true },
  silent: {
    make: ['silent.mp4', ...small, ...x264],
    size: '640x360' },
  'rotated by 90 degrees': {
    make: ['turned.mov', '-display_rotation', '-90', '-i', 'flat.mp4', '-c', 'copy'],
    size: '360x640' },
  portrait: {
    make: ['portrait.mp4', ...picture('360x640'), ...tone(), ...x264],
    size: '360x640', audio: true },
  'odd in size': {
    make: ['odd.mkv', ...picture('477x361'), '-c:v', 'ffv1'],
    size: '476x360' },
  '4:3 at 480 lines': {
    make: ['sd.mp4', ...picture('640x480'), ...tone(), ...x264],
    size: '480x360', audio: true },
  'of wide pixels': {
    make: ['pal.mpg', ...picture('720x576'), ...tone(), '-vf', 'setsar=16/15', ...mpeg2],
    size: '480x360', audio: true },
  '10-bit': {
    make: ['deep.mkv', ...small, ...x264, '-pix_fmt', 'yuv420p10le'],
    size: '640x360' },
  'HDR (PQ)': {
    make: ['pq.mkv', ...picture('640x360', ':rate=25:duration=1'), ...x265, ...pq],
    size: '640x360' },
  interlaced: {
    make: ['fields.ts', ...picture('720x576'), ...tone(), '-vf', 'interlace', '-flags', '+ildct+ilme', ...mpeg2],
    size: '450x360', audio: true },
  'of a variable frame rate': {
    make: ['vfr.mp4', ...small, ...tone(), '-vf', "select='not(mod(n,3))+lt(n,25)'", '-fps_mode', 'vfr', ...x264],
    size: '640x360', audio: true },
  'a tenth of a second long': {
    make: ['short.mp4', ...picture('640x360', ':rate=30:duration=0.1'), ...tone(0.1), ...x264],
    size: '640x360', audio: true },
  'one frame': {
    make: ['one.mp4', ...small, '-frames:v', '1', ...x264],
    size: '640x360' },
  'in Matroska': {
    make: ['c.mkv', ...picture('640x360', ':rate=30000/1001:duration=3'), ...tone(), ...x264],
    size: '640x360', audio: true },
  'in WebM': {
    make: ['c.webm', ...picture('320x180'), ...tone(), '-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'],
    size: '320x180', audio: true },
  'in an MPEG transport stream': {
    make: ['c.ts', ...small, ...tone(), ...x264],
    size: '640x360', audio: true },
  'with sound that starts late': {
    make: ['late.mp4', ...small, '-itsoffset', '0.7', ...tone(2), ...x264],
    size: '640x360', audio: true },
  'with pictures that start late': {
    make: ['latevideo.mkv', '-itsoffset', '0.5', ...small, ...tone(), '-map', '0', '-map', '1', ...x264],
    size: '640x360', audio: true },
  'of pure noise': {
    make: ['noise.mp4', '-f', 'lavfi', '-i', noise, ...x264, '-crf', '10'],
    size: '640x360', hard: true },
  'cut off in the middle': {
    make: ['cut.mp4', ...picture('640x360', ':rate=25:duration=6'), ...tone(6), ...x264, '-movflags', '+faststart'],
    size: '640x360', audio: true, cut: true },
};

for (const [what, { make, size, audio = false, hard, cut }] of Object.entries(sources)) {
  test.serial(`I10: a source ${what} passes the gate`, async (t) => {
    const path = await bench.make(...make);
    if (cut) await truncate(path, Math.floor((await readFile(path)).length / 2));
    const { media, encoded, verifySpec } = await processFile(bench, path);
    t.is(media.missing_s !== undefined, cut === true);
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
