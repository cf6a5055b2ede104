import test from 'ava';
import { describeVideo } from '../tasks/inspect-streams.ts';
import { probeFile } from './probed-file.ts';
import { picture, x264 } from './testing/sources.ts';
import { openTaskBench } from './testing/task-bench.ts';
import { unflaggedFields } from './unflagged-fields.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

async function found(path: string) {
  const { signal, workFolder: cwd } = await bench.attempt();
  const { streams } = await probeFile(bench.tools, ['-i', path], { signal });
  const [stream] = streams;
  if (!stream) throw new Error('There is no stream');
  const video = describeVideo(stream);
  return { video, fields: await unflaggedFields(bench.tools, path, video, 1, { signal, cwd }) };
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

test.serial('whole pictures of the same size are left alone', async (t) => {
  t.is((await found(await bench.make('whole.mp4', ...picture('320x480'), ...x264))).fields, undefined);
});
