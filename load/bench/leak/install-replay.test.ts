import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { scanPackets } from '@transcodeflow/processors/ffmpeg/gate/packet-scan.ts';
import { runFfmpeg } from '@transcodeflow/processors/ffmpeg/run-ffmpeg.ts';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import test from 'ava';
import { installReplay } from './install-replay.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const signal = AbortSignal.timeout(100_000);

test('an encode, a listing and a failure are answered again as they were, and what is read decides', async (t) => {
  const replay = await installReplay(join(bench.folder, "o'replay"), bench.tools);
  const tools = { ...bench.tools, ffmpeg: replay.ffmpeg, ffprobe: replay.ffprobe };
  const picture = (color: string) =>
    bench.make(`${color}.mp4`, '-f', 'lavfi', '-i', `color=${color}:size=64x36:rate=5:duration=1`);
  const [red, blue] = [await picture('red'), await picture('blue')];
  const encode = async (file: string, name: string) => {
    const cwd = join(bench.folder, name);
    await mkdir(cwd);
    let reports = 0;
    const onProgress = () => {
      reports += 1;
    };
    const args = ['-i', `file:${file}`, '-c:v', 'libx264', 'out.mp4'];
    const { last } = await runFfmpeg(tools, args, { signal, cwd, onProgress });
    return {
      files: await readdir(cwd),
      bytes: await readFile(join(cwd, 'out.mp4')),
      frames: last.frame,
      reports,
    };
  };
  const first = await encode(red, 'first');
  t.deepEqual(first.files, ['out.mp4']);
  t.is(first.frames, 5);
  t.is(await replay.recorded(), 1);
  t.deepEqual(await encode(red, 'second'), first);
  t.is(await replay.recorded(), 1);
  t.notDeepEqual((await encode(blue, 'third')).bytes, first.bytes);
  t.is(await replay.recorded(), 2);

  const scan = (bytes: Buffer) =>
    scanPackets(tools, ['-i', 'pipe:0'], { signal, stdin: Readable.from([bytes]) });
  const moving = await readFile(join(bench.folder, 'red.mp4'));
  const listed = await scan(moving);
  t.is(listed.get(0)?.packets, 5);
  t.deepEqual(await scan(moving), listed);
  t.is(await replay.recorded(), 3);

  const fail = () => runFfmpeg(tools, ['-i', 'file:/nowhere'], { signal, cwd: bench.folder });
  const error = await t.throwsAsync(fail, { message: /ffmpeg failed/ });
  t.deepEqual(await t.throwsAsync(fail), error);
  t.is(await replay.recorded(), 4);
});
