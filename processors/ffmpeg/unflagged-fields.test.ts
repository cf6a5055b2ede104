import { fileURLToPath } from 'node:url';
import test from 'ava';
import { describeVideo } from '../tasks/inspect/streams.ts';
import { probeFile } from './probed-file.ts';
import { picture, x264 } from './testing/sources.ts';
import { openTaskBench } from './testing/task-bench.ts';
import { unflaggedFields } from './unflagged-fields.ts';

const SAMPLE = fileURLToPath(new URL('../../samples/bunny-with-reading.mp4', import.meta.url));
const bench = await openTaskBench();
test.after.always(() => bench.close());

async function found(path: string) {
  const { signal, workFolder: cwd } = await bench.attempt();
  const { streams } = await probeFile(bench.tools, ['-i', path], { signal });
  const [stream] = streams;
  if (!stream) throw new Error('There is no stream');
  const video = describeVideo(stream);
  const runs: (readonly string[])[] = [];
  const ran = (command: readonly string[]) => runs.push(command);
  const fields = await unflaggedFields(bench.tools, path, video, 1, { signal, cwd, ran });
  return { video, fields, runs: runs.length };
}

const woven = (order: string, flag: string) => [
  ...picture('320x480', ':rate=50:duration=1'),
  ...['-vf', `tinterlace=mode=interleave_${order},setfield=${flag}`, ...x264, '-crf', '18'],
];

test.serial('fields that nothing flags are seen, and which comes first', async (t) => {
  t.is((await found(await bench.make('top.mp4', ...woven('top', 'prog')))).fields, 'tff');
  t.is((await found(await bench.make('bottom.mp4', ...woven('bottom', 'prog')))).fields, 'bff');
});

test.serial('flagged fields need no looking at', async (t) => {
  const { video, fields } = await found(
    await bench.make('flagged.mp4', ...woven('top', 'tff'), '-x264-params', 'tff=1'),
  );
  t.true(video.interlaced);
  t.is(fields, undefined);
});

test.serial('whole pictures of the same size are left alone, after a first look', async (t) => {
  const film = ['-i', SAMPLE, '-t', '3', '-an', '-vf', 'scale=320:480'];
  const { fields, runs } = await found(await bench.make('whole.mp4', ...film, ...x264));
  t.is(fields, undefined);
  t.is(runs, 1);
});

test.serial('what stands still at first is looked at for longer', async (t) => {
  const late = 'tinterlace=mode=interleave_top,setfield=prog,tpad=start=20:start_mode=clone';
  const path = await bench.make(
    'late.mp4',
    ...picture('320x480', ':rate=50:duration=4'),
    ...['-vf', late, ...x264, '-crf', '18'],
  );
  const { fields, runs } = await found(path);
  t.is(fields, 'tff');
  t.is(runs, 2);
});
