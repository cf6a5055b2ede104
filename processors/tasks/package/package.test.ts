import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { execa } from 'execa';
import { parseMediaPlaylist } from '../../ffmpeg/media-playlist.ts';
import { flashAndBeep } from '../../ffmpeg/testing/flash-and-beep.ts';
import { processFile } from '../../ffmpeg/testing/pipeline.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { TaskError } from '../../task-error.ts';
import { packageTask } from './package.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const read = async (key: string) => text((await bench.objects.get(key)).body);

test.serial('the master playlist says what the files are', async (t) => {
  const source = await bench.make(
    'a.mp4',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=1280x720:rate=30000/1001:duration=5',
    '-f',
    'lavfi',
    '-i',
    'sine=duration=5',
    ...x264,
  );
  const { packaged } = await processFile(bench, source);
  const master = await read(`${packaged.prefix}${packaged.master}`);
  const lines = master.trim().split('\n');
  t.deepEqual(lines.slice(0, 3), ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS']);
  t.is(
    lines[3],
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="1",URI="audio/playlist.m3u8"',
  );
  t.regex(
    lines[4] ?? '',
    /^#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1\.6400[0-9a-f]{2},mp4a\.40\.2",RESOLUTION=640x360,FRAME-RATE=29\.970,VIDEO-RANGE=SDR,AUDIO="audio",CLOSED-CAPTIONS=NONE$/,
  );
  t.is(lines[5], '360p/playlist.m3u8');
  t.is(lines[7], '720p/playlist.m3u8');

  // What the segments of video and audio really weigh, second by second.
  const weigh = async (name: string) => {
    const { segments, init } = parseMediaPlaylist(await read(`${packaged.prefix}${name}/playlist.m3u8`));
    t.is(init, 'init.mp4');
    t.is(segments[0]?.uri, 'segment-00001.m4s');
    let peak = 0;
    for (const { uri, duration_s } of segments) {
      const size = (await bench.objects.head(`${packaged.prefix}${name}/${uri}`))?.size ?? 0;
      if (duration_s > 0.5) peak = Math.max(peak, (size * 8) / duration_s);
    }
    return peak;
  };
  const bandwidth = Number(/BANDWIDTH=(\d+)/.exec(lines[6] ?? '')?.[1]);
  const expected = (await weigh('720p')) + (await weigh('audio'));
  t.true(Math.abs(bandwidth - expected) < 10, `${bandwidth}, expected ${expected}`);
});

test.serial('a player of the package sees picture and sound together, from beginning to end', async (t) => {
  const flash =
    "color=black:size=320x180:rate=25:duration=5,drawbox=t=fill:c=white:enable='between(t,3,3.2)'";
  const beep = "sine=frequency=1000:duration=5,volume=0:enable='not(between(t,3,3.2))'";
  const source = await bench.make('sync.mp4', '-f', 'lavfi', '-i', flash, '-f', 'lavfi', '-i', beep, ...x264);
  const { packaged } = await processFile(bench, source);
  const master = `${bench.folder}/objects/${packaged.prefix}${packaged.master}`;
  const { flashAt, beepAt } = await flashAndBeep(bench.tools, ['-copyts', '-i', master]);
  t.true(flashAt > 2.9 && flashAt < 3.2, `flash at ${flashAt}`);
  t.true(Math.abs(beepAt - flashAt) < 0.03, `beep at ${beepAt}, flash at ${flashAt}`);
});

test.serial('a silent source has no audio group', async (t) => {
  const { packaged } = await processFile(
    bench,
    await bench.make('silent.mp4', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:duration=1', ...x264),
  );
  t.is(packaged.audio, undefined);
  const master = await read(`${packaged.prefix}${packaged.master}`);
  t.notRegex(master, /AUDIO|mp4a/);
  t.is(packaged.variants[0]?.segments_count, 1);
});

test.serial('size_bytes is the sum of the stored files', async (t) => {
  const { packaged } = await processFile(
    bench,
    await bench.make('sum.mp4', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:duration=3', ...x264),
  );
  let sum = 0;
  for await (const { size } of bench.objects.list(packaged.prefix)) sum += size;
  t.is(packaged.size_bytes, sum);
});

test.serial('DASH: ffmpeg reads from the manifest what the MP4s hold, picture by picture', async (t) => {
  const source = await bench.make(
    'dash.mp4',
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=320x180:rate=30000/1001:duration=5',
      '-f',
      'lavfi',
      '-i',
      'sine=duration=5',
    ],
    ...x264,
  );
  const { packaged, encoded } = await processFile(bench, source);
  const manifest = await read(`${packaged.prefix}${packaged.dash?.manifest}`);
  t.regex(
    manifest,
    /<Representation id="180p" codecs="avc1\.[0-9a-f]{6}" bandwidth="\d+" width="320" height="180" frameRate="30000\/1001" sar="1:1"\/>/,
  );
  t.regex(manifest, /contentType="audio" mimeType="audio\/mp4".*codecs="mp4a\.40\.2"/s);
  const times = async (path: string) => {
    const args = [
      '-v',
      'error',
      '-select_streams',
      'v',
      '-show_entries',
      'packet=pts_time,size',
      '-of',
      'csv=p=0',
      path,
    ];
    return (await execa(bench.tools.ffprobe, args)).stdout
      .split('\n')
      .map((line) => line.split(',').map(Number))
      .map(([pts = 0, size = 0]) => [Math.round((pts * 30_000) / 1001), size])
      .sort(([a = 0], [b = 0]) => a - b);
  };
  const path = await bench.objects.localFile(encoded.renditions[0]?.object.key ?? '', bench.folder);
  const fromManifest = await times(`${bench.folder}/objects/${packaged.prefix}${packaged.dash?.manifest}`);
  t.is(fromManifest.length, 150);
  t.deepEqual(fromManifest, await times(path));
});

test.serial(
  'a segment that the disk had no room for fails the task, although ffmpeg does not tell',
  async (t) => {
    const source = await bench.make(
      'small.mp4',
      ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=3'],
      ...x264,
    );
    const { encoded } = await processFile(bench, source);
    // The real muxer: what it writes there fails with ENOSPC, as the kernel has it.
    const ffmpeg = join(bench.folder, 'ffmpeg-on-full-disk');
    const full = 'mkdir -p 180p && ln -sf /dev/full 180p/segment-00002.m4s';
    await writeFile(ffmpeg, `#!/bin/sh\n${full}\nexec '${bench.tools.ffmpeg}' "$@"\n`, { mode: 0o755 });
    const attempt = { ...(await bench.attempt()), tools: { ...bench.tools, ffmpeg } };
    const { renditions } = encoded;
    const error = await t.throwsAsync(packageTask({ kind: 'package', renditions, segment_s: 2 }, attempt), {
      instanceOf: TaskError,
    });
    t.regex(error?.info.detail ?? '', /^180p\/segment-00002\.m4s is cut off; \d+ MiB are free$/);
    t.true(error?.info.retryable);
  },
);
