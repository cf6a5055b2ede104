import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { TaskError } from '../../task-error.ts';
import { inspect } from './inspect.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const picture = (size: string, extra = '') => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=size=${size}:rate=25:duration=1${extra}`,
];
const tone = ['-f', 'lavfi', '-i', 'sine=duration=1'];
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

async function media(path: string) {
  const source = await bench.upload(path);
  return (await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt())).media;
}

async function refused(path: string): Promise<TaskError['info'] | undefined> {
  const source = await bench.upload(path);
  const error = await inspect(
    { kind: 'inspect', source, filename: 'video.mp4' },
    await bench.attempt(),
  ).catch((e: unknown) => e);
  return error instanceof TaskError ? error.info : undefined;
}

test.serial('picture and sound in MP4', async (t) => {
  const found = await media(
    await bench.make(
      'av.mp4',
      ...picture('640x360'),
      ...tone,
      ...x264,
      '-c:a',
      'aac',
      '-metadata:s:a',
      'language=fra',
    ),
  );
  t.like(found.video, {
    codec: 'h264',
    width: 640,
    height: 360,
    rotation: 0,
    frame_rate: 25,
    bit_depth: 8,
    hdr: false,
    interlaced: false,
  });
  t.like(found.audio[0], { codec: 'aac', channels: 1, sample_rate: 44_100, language: 'fra' });
  t.true(Math.abs(found.duration_s - 1) < 0.1);
});

for (const container of ['mkv', 'webm', 'ts', 'avi', 'mov']) {
  test.serial(`${container}, whatever the name says`, async (t) => {
    const codec =
      container === 'webm' ? ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'] : x264;
    const found = await media(await bench.make(`c.${container}`, ...picture('320x180'), ...tone, ...codec));
    t.like(found.video, { width: 320, height: 180 });
    t.is(found.audio.length, 1);
    t.true(Math.abs(found.duration_s - 1) < 0.15, String(found.duration_s));
  });
}

test.serial('rotation swaps the sides a viewer sees', async (t) => {
  const upright = await bench.make('upright.mp4', ...picture('320x180'), ...x264);
  const found = await media(
    await bench.make('turned.mp4', '-display_rotation', '-90', '-i', upright, '-c', 'copy'),
  );
  t.like(found.video, { rotation: 90, coded_width: 320, coded_height: 180, width: 180, height: 320 });
  t.is(found.video?.mirrored, undefined);
  const flip = ['-display_rotation', '-90', '-display_hflip', '-i', upright, '-c', 'copy'];
  t.is((await media(await bench.make('mirrored.mp4', ...flip))).video?.mirrored, true);
});

test.serial('wide pixels are counted as square ones', async (t) => {
  const found = await media(
    await bench.make('anamorphic.mp4', ...picture('720x576'), '-vf', 'setsar=16/15', ...x264),
  );
  t.like(found.video, { coded_width: 720, width: 768, height: 576 });
});

test.serial('10 bits and PQ are seen', async (t) => {
  const pq = ['-color_trc', 'smpte2084', '-color_primaries', 'bt2020', '-colorspace', 'bt2020nc'];
  const found = await media(
    await bench.make(
      'hdr.mp4',
      ...picture('320x180'),
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-x265-params',
      'log-level=none',
      '-pix_fmt',
      'yuv420p10le',
      ...pq,
    ),
  );
  t.like(found.video, { bit_depth: 10, hdr: true, color_transfer: 'smpte2084' });
});

test.serial('interlaced fields are seen', async (t) => {
  const found = await media(
    await bench.make(
      'fields.mp4',
      ...picture('320x240'),
      '-vf',
      'interlace',
      '-flags',
      '+ildct+ilme',
      ...x264,
      '-x264-params',
      'interlaced=1',
    ),
  );
  t.true(found.video?.interlaced);
});

test.serial('a variable frame rate gives the average', async (t) => {
  const found = await media(
    await bench.make(
      'vfr.mp4',
      ...picture('320x180', ''),
      '-vf',
      "select='not(mod(n,2))+lt(n,10)'",
      '-fps_mode',
      'vfr',
      ...x264,
    ),
  );
  t.true(
    (found.video?.frame_rate ?? 0) > 14 && (found.video?.frame_rate ?? 0) < 24,
    String(found.video?.frame_rate),
  );
});

test.serial('one frame is a video', async (t) => {
  const found = await media(await bench.make('one.mp4', ...picture('320x180'), '-frames:v', '1', ...x264));
  t.is(found.duration_s, 0.04);
});

test.serial('a recording whose container does not know its duration is measured', async (t) => {
  const found = await media(await bench.make('live.mkv', ...picture('320x180'), ...x264, '-live', '1'));
  t.true(Math.abs(found.duration_s - 1) < 0.1, String(found.duration_s));
});

test.serial('a truncated upload has the duration of what is there', async (t) => {
  const path = await bench.make(
    'cut.mp4',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=640x360:duration=10',
    ...x264,
    '-movflags',
    '+faststart',
  );
  await truncate(path, Math.floor((await readFile(path)).length / 2));
  const { duration_s } = await media(path);
  t.true(duration_s > 3 && duration_s < 7, String(duration_s));
});

test.serial('a broken audio track is left out, the video stays', async (t) => {
  const flac = [...picture('320x180'), ...tone, ...x264, '-c:a', 'flac'];
  t.is((await media(await bench.make('goodaudio.mkv', ...flac))).audio.length, 1);
  // Every byte of every packet changed. FLAC's checksums let nothing of that through; AAC makes noise of it.
  const found = await media(await bench.make('badaudio.mkv', ...flac, '-bsf:a', 'noise=amount=1'));
  t.is(found.video?.codec, 'h264');
  t.deepEqual(found.audio, []);
  t.true(
    found.ignored.some((line) => line.startsWith('stream 1 (flac): ')),
    found.ignored.join('\n'),
  );
});

test.serial('sound with cover art is no video', async (t) => {
  const cover = await bench.make('cover.jpg', ...picture('64x64'), '-frames:v', '1');
  const path = await bench.make(
    'song.m4a',
    ...tone,
    '-i',
    cover,
    '-map',
    '0',
    '-map',
    '1',
    '-c:v',
    'copy',
    '-disposition:v',
    'attached_pic',
    '-c:a',
    'aac',
  );
  const info = await refused(path);
  t.like(info, { code: 'no_video_stream', retryable: false });
  t.regex(String(info?.message), /no video.*profile "audio-only"/);
  t.regex(info?.detail ?? '', /attached picture/);
});

test.serial('text and pictures are refused', async (t) => {
  const text = join(bench.folder, 'text.mp4');
  await writeFile(text, 'This is not a video.\n'.repeat(50));
  t.like(await refused(text), { code: 'invalid_video_format', retryable: false });
  const jpeg = await bench.make('still.jpg', ...picture('64x64'), '-frames:v', '1');
  t.like(await refused(jpeg), {
    code: 'invalid_video_format',
    message: 'The file is a picture, not a video.',
  });
  const gif = await bench.make('still.gif', ...picture('64x64'), '-frames:v', '1');
  t.like(await refused(gif), {
    code: 'invalid_video_format',
    message: 'The file is a still picture, not a video.',
  });
});

test.serial('a playlist that names a local file reads nothing, whatever it is dressed as', async (t) => {
  const secret = await bench.make('secret.ts', ...picture('320x180'), ...x264);
  const hls = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${secret}\n#EXT-X-ENDLIST\n`;
  for (const [name, content] of [
    ['list.mp4', hls],
    ['list.m3u8', hls],
    ['list.txt', `ffconcat version 1.0\nfile ${secret}\n`],
  ] as const) {
    const path = join(bench.folder, name);
    await writeFile(path, content);
    t.like(await refused(path), { code: 'invalid_video_format', retryable: false }, name);
  }
});

test.serial('absurd dimensions are refused before anything is decoded', async (t) => {
  const path = await bench.make(
    'huge.mkv',
    '-f',
    'lavfi',
    '-i',
    'color=size=16400x16:rate=1:duration=1',
    '-c:v',
    'ffv1',
  );
  t.like(await refused(path), { code: 'absurd_dimensions', retryable: false });
});
