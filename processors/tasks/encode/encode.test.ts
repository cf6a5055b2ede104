import test from 'ava';
import { execa } from 'execa';
import { probeFile } from '../../ffmpeg/probed-file.ts';
import { colourOf } from '../../ffmpeg/testing/colour-of.ts';
import { flashAndBeep } from '../../ffmpeg/testing/flash-and-beep.ts';
import { processFile } from '../../ffmpeg/testing/pipeline.ts';
import { picture, pq, tone, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const local = (key: string) => bench.objects.localFile(key, bench.folder);
const probe = async (key: string) =>
  probeFile(bench.tools, ['-i', `file:${await local(key)}`], { signal: AbortSignal.timeout(100_000) });

test.serial('outputs are named, stored and measured; one command read the source', async (t) => {
  const { encoded, encodeAttempt } = await processFile(
    bench,
    await bench.make('a.mp4', ...picture('1280x720'), ...tone(), ...x264),
  );
  t.deepEqual(
    encoded.renditions.map(({ name }) => name),
    ['360p', '720p'],
  );
  for (const { name, object, frame_count, bitrate, duration_s } of encoded.renditions) {
    t.is(object.key, `${encodeAttempt.prefix}${name}.mp4`);
    t.is((await bench.objects.head(object.key))?.size, object.size_bytes);
    t.is(frame_count, 75);
    t.is(bitrate, Math.round((object.size_bytes * 8) / duration_s));
  }
  t.is(encoded.hardware, 'cpu');
  const reading = encodeAttempt.commands.filter((command) => command.some((arg) => arg.includes('upload')));
  t.is(reading.length, 1);
});

test.serial('metadata of the source does not reach the outputs', async (t) => {
  const secret = [
    '-metadata',
    'location=+48.1+011.5/',
    '-metadata',
    'comment=private',
    '-movflags',
    '+use_metadata_tags',
  ];
  const { encoded } = await processFile(
    bench,
    await bench.make('meta.mp4', ...picture('320x180', ':rate=25:duration=1'), ...x264, ...secret),
  );
  const { stdout } = await execa(bench.tools.ffprobe, [
    '-v',
    'error',
    '-show_format',
    await local(encoded.renditions[0]?.object.key ?? ''),
  ]);
  t.notRegex(stdout, /48\.1|private/);
});

test.serial('rotation is baked in: what was left is on top after a quarter turn clockwise', async (t) => {
  const halves =
    'color=red:size=320x360:rate=25:duration=1[l];color=blue:size=320x360:rate=25:duration=1[r];[l][r]hstack';
  const flat = await bench.make('halves.mp4', '-f', 'lavfi', '-i', halves, ...x264);
  const turned = await bench.make('halves-turned.mov', '-display_rotation', '-90', '-i', flat, '-c', 'copy');
  const { encoded } = await processFile(bench, turned);
  for (const key of [encoded.renditions[0]?.object.key ?? '', encoded.poster?.object.key ?? '']) {
    const [top, bottom] = [
      await colourOf(bench, key, 'iw:ih/4:0:0'),
      await colourOf(bench, key, 'iw:ih/4:0:ih*3/4'),
    ];
    t.true((top[0] ?? 0) > 200 && (top[2] ?? 0) < 60, `top ${top}`);
    t.true((bottom[2] ?? 0) > 200 && (bottom[0] ?? 0) < 60, `bottom ${bottom}`);
  }
  const { streams } = await probe(encoded.renditions[0]?.object.key ?? '');
  t.deepEqual(streams[0]?.side_data_list, []);
});

test.serial('keyframes lie every two seconds in every rendition, scene cuts or not', async (t) => {
  const cuts = await bench.make(
    'cuts.mp4',
    ...picture('1280x720', ':rate=25:duration=5'),
    '-vf',
    "negate=enable='lt(mod(t,1),0.5)'",
    ...x264,
  );
  const { encoded } = await processFile(bench, cuts);
  for (const { object } of encoded.renditions) {
    const args = [
      '-v',
      'error',
      '-show_entries',
      'packet=pts_time,flags',
      '-of',
      'csv=p=0',
      await local(object.key),
    ];
    const { stdout } = await execa(bench.tools.ffprobe, args);
    const keyframes = stdout
      .split('\n')
      .filter((line) => line.includes('K'))
      .map((line) => Number.parseFloat(line));
    t.deepEqual(keyframes, [0, 2, 4]);
  }
});

test.serial('HDR comes out tagged bt709, SDR keeps its tags', async (t) => {
  const hdr = await bench.make(
    'pq.mkv',
    ...picture('320x180', ':rate=25:duration=1'),
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'log-level=none',
    ...pq,
  );
  const tags = async (path: string) => {
    const { encoded } = await processFile(bench, path);
    const [stream] = (await probe(encoded.renditions[0]?.object.key ?? '')).streams;
    return [stream?.pix_fmt, stream?.color_transfer, stream?.color_primaries, stream?.color_space];
  };
  t.deepEqual(await tags(hdr), ['yuv420p', 'bt709', 'bt709', 'bt709']);
  const pal = ['-color_trc', 'smpte170m', '-color_primaries', 'bt470bg', '-colorspace', 'bt470bg'];
  t.deepEqual(
    await tags(await bench.make('pal.mp4', ...picture('320x180', ':rate=25:duration=1'), ...x264, ...pal)),
    ['yuv420p', 'smpte170m', 'bt470bg', 'bt470bg'],
  );
});

test.serial(
  'sound stays in step with the pictures where it starts late, and where it has a hole',
  async (t) => {
    // A flash and a beep together at 2.0 s; the sound begins at 0.7 s.
    const flash =
      "color=black:size=320x180:rate=25:duration=4,drawbox=t=fill:c=white:enable='between(t,2,2.2)'";
    const beep = "sine=frequency=1000:duration=3.3,volume=0:enable='not(between(t,1.3,1.5))'";
    const path = await bench.make(
      'sync.mkv',
      '-f',
      'lavfi',
      '-i',
      flash,
      '-itsoffset',
      '0.7',
      '-f',
      'lavfi',
      '-i',
      beep,
      '-map',
      '0',
      '-map',
      '1',
      ...x264,
    );
    const { encoded } = await processFile(bench, path);
    const file = await local(encoded.renditions[0]?.object.key ?? '');
    const { flashAt, beepAt } = await flashAndBeep(bench.tools, ['-i', file]);
    t.true(Math.abs(flashAt - 2) < 0.05, `flash at ${flashAt}`);
    t.true(Math.abs(beepAt - flashAt) < 0.05, `beep at ${beepAt}, flash at ${flashAt}`);
  },
);
