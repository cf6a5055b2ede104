import test from 'ava';
import { flashAndBeep } from '../../ffmpeg/testing/flash-and-beep.ts';
import { processFile } from '../../ffmpeg/testing/pipeline.ts';
import { x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { inspect } from '../inspect/inspect.ts';
import { verify } from '../verify/verify.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

/** Black and silent, but for white and a tone from the 12th second on; a moving square tells the frames apart. */
const source = [
  ...['-f', 'lavfi', '-i', "color=black:s=160x90:r=25:d=14,drawbox=c=white:t=fill:enable='gte(t,12)'"],
  ...['-f', 'lavfi', '-i', "aevalsrc='if(gte(t,12),0.5*sin(2*PI*880*t),0)':s=48000:d=14"],
];
const gop = ['-g', '100', '-bf', '2'];
const mpeg4 = ['-c:v', 'mpeg4', '-q:v', '3', '-g', '100', '-c:a', 'mp3'];
const sources: Record<string, string[]> = {
  mp4: [...x264, ...gop, '-c:a', 'aac'],
  mkv: [...x264, ...gop, '-c:a', 'flac'],
  ts: [...x264, ...gop, '-c:a', 'aac'],
  avi: mpeg4,
};

for (const [container, codecs] of Object.entries(sources))
  for (const [start_s, end_s] of [
    [11.52, 13.52],
    [2, 13],
  ] as const)
    test.serial(
      `${container} from ${start_s} s to ${end_s} s: to the frame, in step, and through the gate`,
      async (t) => {
        const path = await bench.make(`source-${start_s}.${container}`, ...source, ...codecs);
        const { encoded, verifySpec } = await processFile(bench, path, { trim: { start_s, end_s } });
        const [rendition] = encoded.renditions;
        if (!rendition || !encoded.audio) throw new Error('An output is missing');
        t.is(rendition.frame_count, Math.round((end_s - start_s) * 25));
        t.true(
          Math.abs(encoded.audio.duration_s - (end_s - start_s)) < 0.03,
          String(encoded.audio.duration_s),
        );
        const file = await bench.objects.localFile(rendition.object.key, bench.folder);
        const found = await flashAndBeep(bench.tools, ['-i', file]);
        // By the clock of the source, whose pictures may begin later than its sound.
        const expected = await flashAndBeep(bench.tools, ['-i', path]);
        const early = (at: number, of: number) => at - (of - start_s);
        t.true(Math.abs(early(found.flashAt, expected.flashAt)) < 0.002, `flash at ${found.flashAt}`);
        t.true(Math.abs(early(found.beepAt, expected.beepAt)) < 0.002, `beep at ${found.beepAt}`);
        const { checks } = await verify(verifySpec, await bench.attempt());
        t.true(checks.every(({ passed }) => passed));
      },
    );

test.serial('the gate compares with the part that was asked for, and with no other', async (t) => {
  const path = await bench.make(
    'other.mp4',
    '-f',
    'lavfi',
    '-i',
    "testsrc2=s=320x180:r=25:d=6,negate=enable='gte(t,3)'",
    ...x264,
  );
  const { verifySpec } = await processFile(bench, path, { trim: { start_s: 1, end_s: 3 } });
  await t.notThrowsAsync(verify(verifySpec, await bench.attempt()));
  const later = { ...verifySpec, trim: { start_s: 3, end_s: 5 } };
  await t.throwsAsync(verify(later, await bench.attempt()), { message: /same pictures/ });
  const longer = { ...verifySpec, trim: { start_s: 1, end_s: 4 } };
  await t.throwsAsync(verify(longer, await bench.attempt()), { message: /timeline/ });
});

test.serial('a start beyond the end of the source fails and says so', async (t) => {
  const made = await bench.make('short.mp4', '-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=1', ...x264);
  const uploaded = await bench.upload(made);
  const spec = { kind: 'inspect', source: uploaded, filename: 'short.mp4' } as const;
  await t.notThrowsAsync(inspect({ ...spec, from_s: 0.5 }, await bench.attempt()));
  await t.throwsAsync(inspect({ ...spec, from_s: 1 }, await bench.attempt()), {
    message: /lasts 1\.0 s: nothing is left from 1 s on/,
  });
});
