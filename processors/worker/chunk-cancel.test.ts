import { readdir, readlink } from 'node:fs/promises';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { encodeSpec } from '../ffmpeg/testing/encode-spec.ts';
import { picture, x264 } from '../ffmpeg/testing/sources.ts';
import { remoteStore } from '../source/testing/remote-store.ts';
import { inspect } from '../tasks/inspect/inspect.ts';
import { AttemptAborted } from './attempt.ts';
import { openAttemptBench } from './testing/attempt-bench.ts';

const bench = await openAttemptBench();
test.after.always(() => bench.close());

/** Processes that work in the attempts' folders: ffmpeg and ffprobe. */
async function working(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, index) => folders[index]?.startsWith(`${bench.folder}/root-`));
}

/** The second of three chunks, of which a veryslow encoder needs more than this test has time for. */
async function longChunk() {
  const clip = picture('640x360', ':rate=25:duration=90');
  const source = await bench.upload(await bench.make('long.mp4', ...clip, ...x264, '-g', '50'));
  const about = { kind: 'inspect', source, filename: 'any', chunk_s: 30 } as const;
  const { entry_points_s = [], ...media } = (await inspect(about, await bench.attempt())).media;
  const { audio: _, ...pictures } = encodeSpec(source, media);
  const renditions = pictures.renditions.map((each) => ({ ...each, preset: 'veryslow' }));
  const [first_s = 0, from_s = 0, to_s = 0] = entry_points_s;
  return {
    ...pictures,
    renditions,
    kind: 'encode-chunk' as const,
    chunk: { number: 2, from_s, to_s },
    first_s,
  };
}

for (const [where, wrap] of Object.entries({
  'a file': (objects: typeof bench.objects) => objects,
  S3: remoteStore,
}))
  test.serial(
    `I7: a chunk of ${where} that is cancelled in its midst leaves neither ffmpeg nor objects`,
    async (t) => {
      const cancel = new AbortController();
      const spec = await longChunk();
      const attempt = bench.encode({
        spec,
        signal: cancel.signal,
        changes: { objects: wrap(bench.objects) },
      });
      await until('ffmpeg encodes', async () => (await working()).length > 0);
      const asked = performance.now();
      cancel.abort(new AttemptAborted('cancelled'));
      const { objects, left, reports } = await attempt;
      t.true(performance.now() - asked < 2_000);
      t.deepEqual(await working(), []);
      t.deepEqual([objects, left, reports], [[], [], []]);
    },
  );

test.serial('I7: nor what it had stored by then', async (t) => {
  const { kind, source, media, renditions, chunk, first_s, gop_s } = await longChunk();
  const [small] = renditions;
  if (!small) return t.fail();
  const quick = ['one', 'two'].map((name) => ({
    ...small,
    name,
    width: 64,
    height: 36,
    preset: 'ultrafast',
  }));
  const spec = { kind, source, media, chunk, first_s, gop_s, renditions: quick };
  const cancel = new AbortController();
  const stored: string[] = [];
  const objects: typeof bench.objects = {
    ...remoteStore(bench.objects),
    async putFile(key, ...rest) {
      const info = await bench.objects.putFile(key, ...rest);
      stored.push(key);
      cancel.abort(new AttemptAborted('cancelled'));
      return info;
    },
  };
  const ended = await bench.encode({ spec, signal: cancel.signal, changes: { objects } });
  t.is(stored.length, 1);
  t.deepEqual([ended.objects, ended.left, ended.reports], [[], [], []]);
});
