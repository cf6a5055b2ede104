import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { ObjectNotFoundError } from '@transcodeflow/shared/objects/object-store.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { processFile } from '../ffmpeg/testing/pipeline.ts';
import { picture, tone } from '../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../ffmpeg/testing/task-bench.ts';
import { remoteStore } from '../source/testing/remote-store.ts';
import { verify } from '../tasks/verify/verify.ts';
import { cacheObjects } from './object-cache.ts';

/** A store on another machine, a cache of `most_bytes` before it, and folders of two tasks. */
async function open(t: ExecutionContext, most_bytes: number, unused_ms?: number) {
  const root = await mkdtemp(join(tmpdir(), 'object-cache-'));
  const stored = await openDirectoryStore(join(root, 'store'));
  const remote = remoteStore(stored);
  const folder = join(root, 'kept');
  const cache = cacheObjects(remote, folder, most_bytes, unused_ms);
  const [first, second] = [join(root, 'first'), join(root, 'second')];
  await mkdir(first);
  await mkdir(second);
  t.teardown(async () => {
    await cache.clear();
    await rm(root, { recursive: true });
  });
  const put = (key: string, text: string) => remote.put(key, Readable.from([text]));
  const kept = () => readdir(folder).catch(() => []);
  const read = async (key: string, into = second) =>
    readFile(await cache.objects.localFile(key, into), 'utf8');
  return { root, stored, remote, cache, first, second, put, kept, read };
}

test('the second task to need an object is sent nothing, and keeps its file when the first has gone', async (t) => {
  const { remote, cache, first, second, put } = await open(t, 1_000);
  await put('film.mp4', 'a film');
  const fetched = await cache.objects.localFile('film.mp4', first);
  const linked = await cache.objects.localFile('film.mp4', second);
  t.deepEqual(remote.sent('film.mp4'), { requests: 1, bytes: 6 });
  t.not(fetched, linked);
  t.regex(linked, /\.mp4$/);
  await rm(first, { recursive: true });
  await cache.clear();
  t.is(await readFile(linked, 'utf8'), 'a film');
});

test('what was replaced is fetched again, what was removed is not there', async (t) => {
  const { remote, cache, put, kept, read, first } = await open(t, 1_000);
  await put('a', 'old');
  t.is(await read('a', first), 'old');
  await put('a', 'new!');
  t.is(await read('a'), 'new!');
  await until('the old file has gone', async () => (await kept()).length === 1);
  await remote.remove(['a']);
  await t.throwsAsync(cache.objects.localFile('a', first), { instanceOf: ObjectNotFoundError });
  await until('the new file has gone', async () => (await kept()).length === 0);
});

test('what was not used the longest goes first, and what is too large for the cache is not kept', async (t) => {
  const { remote, put, kept, read } = await open(t, 10);
  for (const key of ['a', 'b', 'c']) await put(key, `${key}...`);
  await put('large', 'eleven byte');
  for (const key of ['a', 'b', 'a', 'c', 'large', 'a', 'b']) await read(key);
  t.deepEqual(
    ['a', 'b', 'c', 'large'].map((key) => remote.sent(key).requests),
    [1, 2, 1, 1],
  );
  await until('two files of four bytes are left', async () => (await kept()).length === 2);
  t.is(await read('large'), 'eleven byte');
  t.is(remote.sent('large').requests, 2);
});

test('what nobody has used for a while is removed', async (t) => {
  const { put, kept, read, remote } = await open(t, 1_000, 50);
  await put('a', 'text');
  await read('a');
  await until('the file has gone', async () => (await kept()).length === 0);
  t.is(await read('a'), 'text');
  t.is(remote.sent('a').requests, 2);
});

test('a disk without room gets back all that is kept', async (t) => {
  const { cache, put, kept, read, remote } = await open(t, 1_000);
  await put('a', 'text');
  await read('a');
  t.is((await kept()).length, 1);
  await cache.clear();
  t.is((await kept()).length, 0);
  t.is(await read('a'), 'text');
  t.is(remote.sent('a').requests, 2);
});

test('a file that is lost, and one that cannot be kept, is fetched', async (t) => {
  const { root, put, read, remote } = await open(t, 1_000);
  await put('a', 'text');
  await read('a');
  await rm(join(root, 'kept'), { recursive: true });
  t.is(await read('a'), 'text');
  t.is(remote.sent('a').requests, 2);
});

test('a fetch that breaks off leaves nothing behind', async (t) => {
  const { remote, cache, put, kept, read, first } = await open(t, 1_000);
  await put('a', 'text');
  remote.onGet = (_key, _range, body) => {
    body.destroy();
    return Readable.from(
      (async function* () {
        yield 'te';
        throw new Error('gone');
      })(),
    );
  };
  await t.throwsAsync(cache.objects.localFile('a', first), { message: 'gone' });
  t.is((await kept()).length, 0);
  remote.onGet = (_key, _range, body) => body;
  t.is(await read('a'), 'text');
  const aborted = AbortSignal.abort(new Error('cancelled'));
  await t.throwsAsync(cache.objects.localFile('a', first, aborted), { message: 'cancelled' });
});

test('a task that is cancelled does not wait for a store that does not answer', async (t) => {
  const { remote, cache, first } = await open(t, 1_000);
  const task = new AbortController();
  remote.head = (_key, { signal } = {}) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const fetching = cache.objects.localFile('a', first, task.signal);
  task.abort(new Error('cancelled'));
  await t.throwsAsync(fetching, { message: 'cancelled' });
});

test('two that fetch at once both have it, and one file is kept', async (t) => {
  const { cache, put, kept, first, second } = await open(t, 1_000);
  await put('a', 'text');
  const both = await Promise.all([first, second].map((folder) => cache.objects.localFile('a', folder)));
  for (const file of both) t.is(await readFile(file, 'utf8'), 'text');
  await until('one file is left', async () => (await kept()).length === 1);
});

test('files that are on this machine anyway are not kept twice, and 0 bytes keep none', async (t) => {
  const { stored, remote, first } = await open(t, 0);
  t.is(cacheObjects(stored, first, 1_000).objects, stored);
  t.is(cacheObjects(remote, first, 0).objects, remote);
});

test('a job fetches its source and each rendition once; the gate judges what the store has, not what was written', async (t) => {
  const bench = await openTaskBench();
  const remote = remoteStore(bench.objects);
  const cache = cacheObjects(remote, join(bench.folder, 'kept'), 100_000_000);
  t.teardown(async () => {
    await cache.clear();
    await bench.close();
  });
  const attempt = async (signal?: AbortSignal) => ({
    ...(await bench.attempt(signal)),
    objects: cache.objects,
  });
  const file = await bench.make('film.mp4', ...picture('640x360', ':rate=25:duration=3'), ...tone(3));
  const { source, encoded, verifySpec } = await processFile({ ...bench, attempt }, file);
  await verify(verifySpec, await attempt());
  const [rendition] = encoded.renditions.map(({ object }) => object.key);
  if (!rendition || !encoded.audio) return t.fail();
  for (const key of [source.key, rendition, encoded.audio.object.key])
    t.is(remote.sent(key).requests, 1, key);

  const whole = await readFile(await remote.localFile(rendition, bench.folder));
  await remote.put(rendition, Readable.from([whole.subarray(0, whole.length / 2)]));
  const error = await t.throwsAsync(verify(verifySpec, await attempt()));
  t.regex(error?.message ?? '', /^The finished 360p did not pass its check: timeline/);
});
