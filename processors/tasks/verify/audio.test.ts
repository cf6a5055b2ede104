import { fileURLToPath } from 'node:url';
import test from 'ava';
import { type Processed, processFile } from '../../ffmpeg/testing/pipeline.ts';
import { picture, tone, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { TaskError } from '../../task-error.ts';
import { verify } from './verify.ts';

const SAMPLE = fileURLToPath(new URL('../../../samples/bunny-with-reading.mp4', import.meta.url));
const bench = await openTaskBench();
test.after.always(() => bench.close());

let good: Processed | undefined;
/** Ten seconds of speech with a small picture. */
async function speech(): Promise<Processed> {
  const still = picture('64x36', ':rate=5:duration=10');
  good ??= await processFile(
    bench,
    await bench.make('speech.mp4', ...still, '-t', '10', '-i', SAMPLE, '-map', '0', '-map', '1:a', ...x264),
  );
  return good;
}

/** What the gate says about the audio file after filters went over it, each check on a line; '' where it passes. */
async function afterFilters(filters: string, ...more: string[]): Promise<string> {
  const { verifySpec } = await speech();
  const key = verifySpec.audio?.object.key ?? '';
  const path = await bench.objects.localFile(key, bench.folder);
  const changed = await bench.make('changed.m4a', '-i', path, '-af', filters, ...more);
  return complaints({ ...verifySpec, audio: { object: await bench.upload(changed) } });
}

async function complaints(spec: Processed['verifySpec']): Promise<string> {
  const alone = { ...spec, renditions: [], hls: undefined };
  const error = await verify(alone, await bench.attempt()).catch((e: unknown) => e);
  if (error instanceof TaskError) return error.info.detail ?? '';
  return error instanceof Error ? `${error}` : '';
}

test.serial(
  'I10: sound that was only encoded again is in step with the source to a millisecond',
  async (t) => {
    const { verifySpec } = await speech();
    const { checks } = await verify(verifySpec, await bench.attempt());
    const detail = checks.find(({ check }) => check === 'in step')?.detail ?? '';
    const [start, end, drift] = [...detail.matchAll(/(-?\d\.\d+) s late|drift (-?\d\.\d+) s/g)].map((found) =>
      Math.abs(Number(found[1] ?? found[2])),
    );
    t.true(Math.max(start ?? 1, end ?? 1, drift ?? 1) < 0.0015, detail);
    t.is(await afterFilters('anull'), '');
    t.is(await afterFilters('volume=-12dB', '-b:a', '32k'), '');
  },
);

test.serial(
  'I10: sound that is 200 ms late in the file, whatever its time stamps say, is refused',
  async (t) => {
    const said = await afterFilters('adelay=200,atrim=duration=10');
    t.regex(
      said,
      /^audio: in step: 0\.(199|200|201) s late at .*, 0\.(199|200|201) s late at .*, drift -?0\.00\d s$/m,
    );
    t.notRegex(said, /duration|gaps|start|decodes/);
  },
);

test.serial('I10: sound that drifts is refused', async (t) => {
  const said = await afterFilters('atempo=0.985,atrim=duration=10');
  t.regex(said, /^audio: in step: .* drift 0\.\d+ s$/m);
  t.notRegex(said, /duration|gaps|start|decodes/);
});

test.serial(
  'I10: silence that the source does not have is refused, also where packets follow one another',
  async (t) => {
    const said = await afterFilters("volume=0:enable='between(t,3,4)'");
    t.regex(
      said,
      /^audio: no lost sound: silent where the source is not: \d+ times, [01]\.\d+ s, first at 3\.\d+ s$/,
    );
  },
);

test.serial('I10: a few lost frames of sound are seen in what is heard', async (t) => {
  const said = await afterFilters("volume=0:enable='between(t,3.2,3.28)'");
  t.regex(
    said,
    /^audio: no lost sound: silent where the source is not: 1 times, 0\.0\d+ s, first at 3\.2\d+ s$/,
  );
});

test.serial('I10: sound that ends early is refused', async (t) => {
  const said = await afterFilters('atrim=duration=9.9');
  t.regex(said, /^audio: duration: 9\.9\d\d s of sound, source 10\.0\d\d s$/);
});

test.serial('I10: a second of sound packets that is missing is refused', async (t) => {
  const { verifySpec } = await speech();
  const path = await bench.objects.localFile(verifySpec.audio?.object.key ?? '', bench.folder);
  const drop = ['-c', 'copy', '-bsf:a', "noise=amount=0:drop='between(n,140,187)'"];
  const object = await bench.upload(await bench.make('dropped.m4a', '-i', path, ...drop));
  const said = await complaints({ ...verifySpec, audio: { object } });
  t.regex(said, /^audio: audio without gaps: largest gap 1\.\d+ s/m);
  t.notRegex(said, /duration|start|decodes|in step/);
});

test.serial('I10: a steady tone has no course to tell an offset by, and passes', async (t) => {
  const path = await bench.make('tone.mp4', ...picture('64x36', ':rate=5:duration=3'), ...tone(), ...x264);
  const { verifySpec } = await processFile(bench, path);
  const { checks } = await verify(verifySpec, await bench.attempt());
  t.regex(checks.find(({ check }) => check === 'in step')?.detail ?? '', /hardly varies/);
});
