import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { probeFile } from '../ffmpeg/probed-file.ts';
import { encodeSpec } from '../ffmpeg/testing/encode-spec.ts';
import { processFile } from '../ffmpeg/testing/pipeline.ts';
import { openTaskBench } from '../ffmpeg/testing/task-bench.ts';
import { encode } from './encode.ts';
import { inspect } from './inspect.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const picture = (size: string, duration = 3) => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=size=${size}:rate=25:duration=${duration}`,
];
const tone = (duration = 3) => ['-f', 'lavfi', '-i', `sine=duration=${duration}`];

const local = (key: string) => bench.objects.localFile(key, bench.folder);
const probe = async (key: string) =>
  probeFile(bench.tools, ['-i', `file:${await local(key)}`], { signal: AbortSignal.timeout(20_000) });

/** The average colour of a region of the first frame, as [red, green, blue]. */
async function colour(key: string, crop: string): Promise<number[]> {
  const args = [
    '-v',
    'error',
    '-i',
    await local(key),
    '-frames:v',
    '1',
    '-vf',
    `crop=${crop},scale=1:1:flags=area`,
  ];
  const { stdout } = await execa(bench.tools.ffmpeg, [...args, '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'], {
    encoding: 'buffer',
  });
  return [...stdout];
}

test.serial('outputs are named, stored and measured; one command made them', async (t) => {
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
  t.is(encodeAttempt.commands.length, 1);
  t.true(
    encodeAttempt.updates.every(({ fraction }, index, all) => fraction >= (all[index - 1]?.fraction ?? 0)),
  );
  t.is(encodeAttempt.updates.at(-1)?.fraction, 1);
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
    await bench.make('meta.mp4', ...picture('320x180', 1), ...x264, ...secret),
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
    const [top, bottom] = [await colour(key, 'iw:ih/4:0:0'), await colour(key, 'iw:ih/4:0:ih*3/4')];
    t.true((top[0] ?? 0) > 200 && (top[2] ?? 0) < 60, `top ${top}`);
    t.true((bottom[2] ?? 0) > 200 && (bottom[0] ?? 0) < 60, `bottom ${bottom}`);
  }
  const { streams } = await probe(encoded.renditions[0]?.object.key ?? '');
  t.deepEqual(streams[0]?.side_data_list, []);
});

test.serial('the poster is not black where the video begins and ends in black', async (t) => {
  const fade = await bench.make(
    'fade.mp4',
    ...picture('640x360', 6),
    '-vf',
    "drawbox=t=fill:c=black:enable='lt(t,2.5)+gt(t,4)'",
    ...x264,
  );
  const { encoded } = await processFile(bench, fade);
  t.true(Math.max(...(await colour(encoded.poster?.object.key ?? '', 'iw:ih:0:0'))) > 60);
});

test.serial('storyboard tiles show their moment', async (t) => {
  const change =
    'color=red:size=320x180:rate=25:duration=2[a];color=blue:size=320x180:rate=25:duration=2[b];[a][b]concat';
  const { encoded } = await processFile(
    bench,
    await bench.make('change.mp4', '-f', 'lavfi', '-i', change, ...x264),
  );
  t.is(encoded.storyboard?.tiles, 2);
  const key = encoded.storyboard?.image.key ?? '';
  t.true(((await colour(key, 'iw/2:ih:0:0'))[0] ?? 0) > 200);
  t.true(((await colour(key, 'iw/2:ih:iw/2:0'))[2] ?? 0) > 200);
  const { body } = await bench.objects.get(encoded.storyboard?.vtt.key ?? '');
  t.regex(await text(body), /00:00:02\.000 --> 00:00:04\.000\nstoryboard\.jpg#xywh=320,0,320,180/);
});

test.serial('keyframes lie every two seconds in every rendition, scene cuts or not', async (t) => {
  const cuts = await bench.make(
    'cuts.mp4',
    ...picture('1280x720', 5),
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
  const hdr = await bench.make(
    'pq.mkv',
    ...picture('320x180', 1),
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
  t.deepEqual(await tags(await bench.make('pal.mp4', ...picture('320x180', 1), ...x264, ...pal)), [
    'yuv420p',
    'smpte170m',
    'bt470bg',
    'bt470bg',
  ]);
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
    const listen = [
      '-v',
      'info',
      '-i',
      file,
      '-vf',
      'blackdetect=d=0.1',
      '-af',
      'silencedetect=n=-40dB:d=0.1',
      '-f',
      'null',
      '-',
    ];
    const { stderr } = await execa(bench.tools.ffmpeg, listen);
    const flashAt = Number(/black_end:([\d.]+)/.exec(stderr)?.[1]);
    const beepAt = Number(/silence_end: ([\d.]+)/.exec(stderr)?.[1]);
    t.true(Math.abs(flashAt - 2) < 0.05, `flash at ${flashAt}`);
    t.true(Math.abs(beepAt - flashAt) < 0.05, `beep at ${beepAt}, flash at ${flashAt}`);
  },
);

test.serial('hardware that fails is given up for this task, which says so', async (t) => {
  const source = await bench.upload(await bench.make('hw.mp4', ...picture('320x180', 1), ...x264));
  const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
  const broken = { kind: 'vaapi' as const, device: '/dev/dri/none', decode: true, encode: true };
  const auto = await bench.attempt();
  auto.tools = { ...bench.tools, hardware: { mode: 'auto', usable: [broken], rejected: [] } };
  const result = await encode(encodeSpec(source, media), auto);
  t.is(result.hardware, 'cpu');
  t.is(auto.commands.length, 2);
  t.like(auto.degradations, [{ from: 'vaapi (decode, scale, encode)', to: 'cpu' }]);
  t.truthy(auto.degradations[0]?.reason);

  const required = await bench.attempt();
  required.tools = { ...bench.tools, hardware: { mode: 'required', usable: [broken], rejected: [] } };
  await t.throwsAsync(encode(encodeSpec(source, media), required), { message: /ffmpeg failed/ });
});

test.serial('I7: a cancelled encode rejects and stores nothing', async (t) => {
  const source = await bench.upload(await bench.make('long.mp4', ...picture('1280x720', 6), ...x264));
  const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
  const controller = new AbortController();
  const attempt = await bench.attempt(controller.signal);
  const spec = encodeSpec(source, media);
  const slow = {
    ...spec,
    renditions: spec.renditions.map((rendition) => ({ ...rendition, preset: 'veryslow' })),
  };
  const run = encode(slow, attempt);
  const settled = t.throwsAsync(run, { message: 'cancelled' });
  const deadline = Date.now() + 20_000;
  while (!attempt.updates.some(({ fraction }) => fraction > 0) && Date.now() < deadline) await delay(20);
  controller.abort(new Error('cancelled'));
  await settled;
  for await (const { key } of bench.objects.list(attempt.prefix)) t.fail(key);
});
