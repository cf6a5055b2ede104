import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { processFile } from '../../ffmpeg/testing/pipeline.ts';
import { picture, tone, x264 } from '../../ffmpeg/testing/sources.ts';
import { openGateBench } from './testing/gate-bench.ts';

const bench = await openGateBench();
test.after.always(() => bench.close());

test.serial('I10: the gate refuses an output that is too short', async (t) => {
  const short = await bench.make(
    'short-output.mp4',
    '-i',
    await bench.renditionFile(),
    '-t',
    '3',
    '-c',
    'copy',
  );
  t.regex(
    await bench.complaints(await bench.withRendition(short)),
    /360p: timeline: 7\d frames from 0\.000 s to 3/,
  );
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
    await bench.complaints({ ...verifySpec, hls: undefined, renditions }),
    /timeline: 26 frames .* decodable part of the source 50 frames/,
  );
});

test.serial('I10: the gate refuses an output without its sound', async (t) => {
  const mute = await bench.make('mute.mp4', '-i', await bench.renditionFile(), '-an', '-c', 'copy');
  t.regex(
    await bench.complaints(await bench.withRendition(mute)),
    /360p: streams: video:h264, expected video:h264 audio:aac/,
  );
});

test.serial('I10: the gate refuses an output of the wrong size', async (t) => {
  const small = await bench.make(
    'small.mp4',
    '-i',
    await bench.renditionFile(),
    '-vf',
    'scale=320:180',
    '-c:a',
    'copy',
    ...x264,
  );
  t.regex(await bench.complaints(await bench.withRendition(small)), /360p: size: 320x180, expected 640x360/);
});

test.serial('I10: the gate refuses sound that is out of step', async (t) => {
  const input = await bench.renditionFile();
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
  const said = await bench.complaints(await bench.withRendition(late));
  t.regex(said, /360p: audio start: first packet at 0\.\d+ s/);
  t.regex(said, /360p: A\/V sync: sound 0\.(299|300|301) s late/);
});

test.serial('I10: the gate refuses sound with a hole', async (t) => {
  const hole = await bench.make(
    'hole.mp4',
    '-i',
    await bench.renditionFile(),
    '-c',
    'copy',
    '-bsf:a',
    "noise=amount=0:drop='between(n,40,60)'",
  );
  t.regex(
    await bench.complaints(await bench.withRendition(hole)),
    /360p: audio without gaps: largest gap 0\.\d+/,
  );
});

test.serial('I10: the gate refuses what does not decode', async (t) => {
  const damaged = join(bench.folder, 'damaged.mp4');
  await copyFile(await bench.renditionFile(), damaged);
  const bytes = await readFile(damaged);
  bytes.fill(0x55, Math.floor(bytes.length * 0.5), Math.floor(bytes.length * 0.52));
  await writeFile(damaged, bytes);
  t.regex(await bench.complaints(await bench.withRendition(damaged)), /360p: decodes: /);
});

test.serial('I10: the gate refuses other pictures of the same length', async (t) => {
  const audio = await bench.renditionFile();
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
  t.regex(await bench.complaints(await bench.withRendition(other)), /360p: same pictures: 1?\d\.\d dB alike/);
});

test.serial('I10: pictures may be as many as one frame fewer than the source, and no more', async (t) => {
  const without = async (frames: number) => {
    const whole = await bench.renditionFile();
    const pictures = ['-i', whole, '-an', '-frames:v', String(100 - frames), ...x264];
    const fewer = await bench.make(`pictures-${frames}.mp4`, ...pictures);
    const both = ['-i', fewer, '-i', whole, '-map', '0:v', '-map', '1:a', '-c', 'copy'];
    const file = await bench.make(`without-${frames}.mp4`, ...both);
    return bench.complaints(await bench.withRendition(file));
  };
  t.regex(await without(0), /^passed/);
  t.regex(await without(1), /^passed/);
  t.regex(await without(2), /^gate_failed\n360p: timeline: 98 frames .*, .*source 100 frames .*$/);
});

test.serial(
  'I10: pictures that are in place within a frame, but not against the sound, are refused',
  async (t) => {
    const film = await bench.make(
      'slow.mp4',
      ...picture('320x180', ':rate=10:duration=3'),
      ...tone(3),
      ...x264,
    );
    const { verifySpec } = await processFile(bench, film);
    const shifted = async (seconds: number) => {
      const path = await bench.objects.localFile(verifySpec.renditions[0]?.object.key ?? '', bench.folder);
      const late = [
        '-itsoffset',
        String(seconds),
        '-i',
        path,
        '-i',
        path,
        '-map',
        '0:v',
        '-map',
        '1:a',
        '-c',
        'copy',
      ];
      const object = await bench.upload(await bench.make(`late-${seconds}.mp4`, ...late));
      const renditions = verifySpec.renditions.map((rendition) => ({ ...rendition, object }));
      return bench.complaints({ ...verifySpec, hls: undefined, renditions });
    };
    t.regex(await shifted(0.03), /^passed/);
    t.regex(
      await shifted(0.06),
      /^gate_failed\n180p: A\/V sync: sound -0\.06\d s late against the pictures.*$/,
    );
  },
);
