import { Readable } from 'node:stream';
import { ObjectNotFoundError } from '@transcodeflow/shared/objects/object-store.ts';
import test from 'ava';
import { encodeSpec } from '../ffmpeg/testing/encode-spec.ts';
import { picture, tone } from '../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../ffmpeg/testing/task-bench.ts';
import { TaskError } from '../task-error.ts';
import { encodeChunk } from '../tasks/encode/chunk.ts';
import { inspect } from '../tasks/inspect/inspect.ts';
import { openSource } from './open-source.ts';
import { type RemoteStore, remoteStore } from './testing/remote-store.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());
// Rate control of several threads makes no two equal files.
const tools = { ...bench.tools, threads: 1 };
const MiB = 1_024 ** 2;

/** A minute of 10 Mbit/s. */
let film = '';
test.before(async () => {
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-b:v', '10M', '-pix_fmt', 'yuv420p'];
  const pictures = picture('640x360', ':rate=25:duration=60,noise=alls=40:allf=t');
  film = await bench.make('film.mp4', ...pictures, ...tone(60), ...video, '-c:a', 'aac');
});

/** The fourth of six chunks of a film; sizes of pictures that cost little. */
async function fourthChunk(name: string, ...args: string[]) {
  const source = await bench.upload(await bench.make(name, '-i', film, '-c', 'copy', ...args));
  const spec = { kind: 'inspect', source, filename: name, chunk_s: 10 } as const;
  const { entry_points_s = [], ...media } = (await inspect(spec, await bench.attempt())).media;
  const [first_s = 0, , , from_s = 0, to_s = 0] = entry_points_s;
  const { audio: _, ...pictures } = encodeSpec(source, media, { preview: undefined });
  const renditions = pictures.renditions.map((each) => ({ ...each, width: 320, height: 180 }));
  const chunk = { number: 4, from_s, to_s };
  return { ...pictures, renditions, kind: 'encode-chunk' as const, chunk, first_s };
}

type Chunk = Awaited<ReturnType<typeof fourthChunk>>;

async function encodeFrom(objects: RemoteStore | typeof bench.objects, spec: Chunk, signal?: AbortSignal) {
  const attempt = await bench.attempt(signal);
  return encodeChunk(spec, { ...attempt, objects, tools });
}

for (const [name, args] of Object.entries({
  'index-last.mp4': [],
  'index-first.mp4': ['-movflags', '+faststart'],
  'film.mkv': [],
}))
  test.serial(
    `a chunk fetches about what it reads of ${name}, once, and is the same as from a file`,
    async (t) => {
      const spec = await fourthChunk(name, ...args);
      const remote = remoteStore(bench.objects);
      const [here] = (await encodeFrom(bench.objects, spec)).renditions;
      const [there] = (await encodeFrom(remote, spec)).renditions;
      t.is(there?.digest, here?.digest);
      t.is(there?.times, here?.times);
      t.deepEqual(there?.quality, here?.quality);

      const { bytes, requests } = remote.sent(spec.source.key);
      const size = spec.source.size_bytes;
      const share = (spec.chunk.to_s - spec.chunk.from_s) / spec.media.duration_s;
      t.log(
        `${(bytes / MiB).toFixed(1)} of ${(size / MiB).toFixed(1)} MiB in ${requests} requests, share ${share}`,
      );
      t.true(bytes >= share * size && bytes < share * size + 16 * MiB);
      t.true(requests < 40);
    },
  );

test.serial(
  'an answer of the store that breaks off is asked for again; ffmpeg sees nothing of it',
  async (t) => {
    const spec = await fourthChunk('broken.mp4');
    const remote = remoteStore(bench.objects);
    const broken = new Set<number>();
    remote.onGet = (key, { start } = { start: 0, end: 0 }, body) => {
      if (key !== spec.source.key || broken.has(start)) return body;
      broken.add(start);
      return brokenOff(body, 1_000);
    };
    const [there] = (await encodeFrom(remote, spec)).renditions;
    const [here] = (await encodeFrom(bench.objects, spec)).renditions;
    t.true(broken.size > 5);
    t.is(there?.digest, here?.digest);
  },
);

/** Ends without an error, too early. */
const brokenOff = (body: Readable, bytes: number) =>
  Readable.from(
    (async function* () {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        yield chunk.subarray(0, bytes);
        return;
      }
    })(),
  );

/** What is done to the object when it was read half through. */
async function failsWith(change: (remote: RemoteStore, spec: Chunk) => Promise<void>): Promise<unknown> {
  const spec = await fourthChunk('fails.mp4', '-movflags', '+faststart');
  const remote = remoteStore(bench.objects);
  let isHalf = false;
  remote.onGet = async (key, range, body) => {
    // In the midst of the chunk.
    if (isHalf || key !== spec.source.key || (range?.start ?? 0) < 0.58 * spec.source.size_bytes) return body;
    isHalf = true;
    await change(remote, spec);
    body.destroy();
    throw new Error('Connection lost');
  };
  return encodeFrom(remote, spec).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test.serial("what fails to come is the store's error, not a shorter video", async (t) => {
  const error = await failsWith(async (remote) => {
    remote.onGet = () => {
      throw new Error('The store is down');
    };
  });
  t.is((error as Error | undefined)?.message, 'The store is down');
});

test.serial('a source that is removed meanwhile is missed as at the start', async (t) => {
  t.true(
    (await failsWith((remote, { source }) => remote.remove([source.key]))) instanceof ObjectNotFoundError,
  );
});

test.serial('a source that is replaced meanwhile is not read on', async (t) => {
  const error = await failsWith(async (remote, { source }) => {
    await remote.put(source.key, Readable.from([Buffer.alloc(source.size_bytes)]));
  });
  t.true(error instanceof TaskError && error.info.code === 'source_changed' && error.info.retryable);
});

test.serial('served are ranges of one object at one address, as long as it is open', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 3 * MiB }, (_, index) => (index * 7) % 251));
  const { key } = await bench.objects.put('uploads/bytes.bin', Readable.from([bytes]));
  const attempt = { ...(await bench.attempt()), objects: remoteStore(bench.objects), tools };
  const source = await openSource(key, attempt);
  t.teardown(() => source[Symbol.asyncDispose]());
  const get = async (range?: string, method = 'GET', place = source.place) => {
    const answer = await fetch(place, { method, ...(range && { headers: { range } }) });
    const body = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, range: answer.headers.get('content-range'), body };
  };
  t.true((await get()).body.equals(bytes));
  const part = await get('bytes=1000000-2000000');
  t.deepEqual([part.status, part.range], [206, `bytes 1000000-2000000/${bytes.length}`]);
  t.true(part.body.equals(bytes.subarray(1_000_000, 2_000_001)));
  t.deepEqual((await get(`bytes=${bytes.length - 5}-`)).body, bytes.subarray(-5));
  t.is((await get(`bytes=${bytes.length}-`)).status, 416);
  t.deepEqual([(await get(undefined, 'HEAD')).status, (await get(undefined, 'HEAD')).body.length], [200, 0]);
  t.is((await get(undefined, 'DELETE')).status, 405);
  t.is((await get(undefined, 'GET', new URL('/', source.place).href)).status, 404);
  t.is(new URL(source.place).hostname, '127.0.0.1');
  t.is(attempt.objects.sent(key).bytes, bytes.length, 'no byte twice');
  await source[Symbol.asyncDispose]();
  await t.throwsAsync(fetch(source.place));
});

test.serial('what is there as a file is read as one', async (t) => {
  const { key } = await bench.upload(film);
  await using source = await openSource(key, await bench.attempt());
  t.is(source.place, await bench.objects.localFile(key, bench.folder));
});

test.serial('what is not there cannot be opened', async (t) => {
  const attempt = { ...(await bench.attempt()), objects: remoteStore(bench.objects), tools };
  await t.throwsAsync(openSource('uploads/none', attempt), { instanceOf: ObjectNotFoundError });
});
