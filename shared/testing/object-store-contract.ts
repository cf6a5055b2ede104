import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { type ObjectInfo, ObjectNotFoundError, type ObjectStore } from '../objects/object-store.ts';

export interface StoreUnderTest {
  /** An empty store of this test alone. */
  store: ObjectStore;
  /** Names of what unfinished uploads have left in the store. */
  leftovers(): Promise<string[]>;
}

const MiB = 2 ** 20;
const odd = [
  'a b/c d.txt',
  'ünï/çödé–日本.mp4',
  'plus+and%20percent%.bin',
  "q?&=#'()[]!*~$@:;,.json",
  ' lead/trail .x',
  '123/4',
];
const malformed = [
  '',
  '/a',
  'a/',
  'a//b',
  '.',
  'a/../b',
  './a',
  'a/.',
  'a\0b',
  'a\\b',
  'a\nb',
  '\ud800',
  'x'.repeat(1000),
];

/** What every object store has to do, as ava tests with the store's name in their titles. */
export function testObjectStoreContract(
  name: string,
  open: (t: ExecutionContext) => Promise<StoreUnderTest>,
): void {
  test(`${name}: an object comes back as it was put, with any key`, async (t) => {
    const { store } = await open(t);
    for (const key of odd) {
      const put = await store.put(key, text(`bytes of ${key}`));
      t.is(put.size, Buffer.byteLength(`bytes of ${key}`));
      const { info, body } = await store.get(key);
      t.is((await buffer(body)).toString(), `bytes of ${key}`);
      t.is(info.etag, put.etag);
      t.like(await store.head(key), { key, size: put.size, etag: put.etag, contentType: put.contentType });
      t.true(Math.abs(info.lastModified.getTime() - Date.now()) < 60_000);
    }
    t.deepEqual(keysOf(await list(store, '')), byBytes(odd));
    await store.remove(odd);
    t.deepEqual(await list(store, ''), []);
  });

  test(`${name}: the content type is by the extension`, async (t) => {
    const { store } = await open(t);
    const types = {
      'a.m4s': 'video/iso.segment',
      'a.m3u8': 'application/vnd.apple.mpegurl',
      'a.vtt': 'text/vtt',
      'a.mp4': 'video/mp4',
      'a.json': 'application/json',
      none: 'application/octet-stream',
    };
    for (const [key, contentType] of Object.entries(types)) {
      t.is((await store.put(key, text('x'))).contentType, contentType);
      const { info, body } = await store.get(key);
      body.destroy();
      t.is(info.contentType, contentType);
    }
  });

  test(`${name}: a range is answered as HTTP has it`, async (t) => {
    const { store } = await open(t);
    await store.put('ten', text('0123456789'));
    await store.put('empty', text(''), { size: 0 });
    const range = async (start: number, end: number, key = 'ten') => {
      const { info, body } = await store.get(key, { range: { start, end } });
      t.is(info.size, 10);
      return (await buffer(body)).toString();
    };
    t.is(await range(0, 0), '0');
    t.is(await range(9, 9), '9');
    t.is(await range(3, 5), '345');
    t.is(await range(0, 9), '0123456789');
    t.is(await range(8, 999), '89');
    t.is(await range(8, Number.POSITIVE_INFINITY), '89');
    for (const [start, end] of [
      [10, 12],
      [5, 4],
      [-1, 3],
      [Number.NaN, 3],
      [0, Number.NaN],
    ] as const) {
      await t.throwsAsync(range(start, end), { instanceOf: RangeError }, `${start}-${end}`);
    }
    await t.throwsAsync(range(0, 0, 'empty'), { instanceOf: RangeError });
    t.is((await buffer((await store.get('empty')).body)).length, 0);
  });

  test(`${name}: a key without an object is told apart from other failures`, async (t) => {
    const { store } = await open(t);
    await store.put('file', text('x'));
    const folder = await tempFolder(t);
    for (const key of ['none', 'no/ne', 'file/below']) {
      await t.throwsAsync(store.get(key), { instanceOf: ObjectNotFoundError });
      await t.throwsAsync(store.localFile(key, folder), { instanceOf: ObjectNotFoundError });
      t.is(await store.head(key), undefined);
    }
    await t.notThrowsAsync(store.remove(['none', 'no/ne']));
    await t.notThrowsAsync(store.ping());
  });

  test(`${name}: malformed keys are refused`, async (t) => {
    const { store } = await open(t);
    for (const key of malformed) {
      await t.throwsAsync(store.put(key, text('x')), { instanceOf: TypeError }, JSON.stringify(key));
      await t.throwsAsync(store.get(key), { instanceOf: TypeError });
      await t.throwsAsync(store.head(key), { instanceOf: TypeError });
      await t.throwsAsync(store.remove([key]), { instanceOf: TypeError });
    }
  });

  for (const size of [undefined, 24 * MiB]) {
    const told = size === undefined ? 'of unknown size' : 'of known size';

    test(`${name}: an aborted put ${told} leaves nothing, and the object before it stays`, async (t) => {
      const { store, leftovers } = await open(t);
      await store.put('kept', text('before'));
      for (const key of ['kept', 'fresh/one']) {
        for (const stopAt of [0, 1, 20]) {
          const controller = new AbortController();
          const body = Readable.from(
            mebibytes(24, (count) => count === stopAt && process.nextTick(() => controller.abort())),
          );
          const put = store.put(key, body, { size, signal: controller.signal });
          await t.throwsAsync(put, { name: 'AbortError' }, `${key} at ${stopAt}`);
          t.true(body.destroyed);
        }
      }
      await t.throwsAsync(store.put('fresh/two', text('x'), { size, signal: AbortSignal.abort() }), {
        name: 'AbortError',
      });
      t.is((await buffer((await store.get('kept')).body)).toString(), 'before');
      t.deepEqual(keysOf(await list(store, '')), ['kept']);
      t.deepEqual(await leftovers(), []);
    });

    test(`${name}: a source ${told} that stalls can be aborted`, async (t) => {
      const { store, leftovers } = await open(t);
      const controller = new AbortController();
      const body = new Readable({ read() {} });
      body.push(Buffer.alloc(9 * MiB));
      const put = store.put('stalled', body, { size, signal: controller.signal });
      setImmediate(() => controller.abort());
      await t.throwsAsync(put, { name: 'AbortError' });
      t.deepEqual([await list(store, ''), await leftovers()], [[], []]);
    });

    test(`${name}: a source ${told} that fails leaves nothing`, async (t) => {
      const { store, leftovers } = await open(t);
      for (const stopAt of [0, 1, 20]) {
        const body = Readable.from(
          mebibytes(24, (count) => {
            if (count === stopAt) throw new Error('the client hung up');
          }),
        );
        await t.throwsAsync(store.put('broken', body, { size }), { message: /the client hung up/ });
      }
      t.deepEqual([await list(store, ''), await leftovers()], [[], []]);
    });

    test.serial(`${name}: 192 MiB ${told} pass through in bounded memory`, async (t) => {
      const { store } = await open(t);
      const before = process.memoryUsage().arrayBuffers;
      let peak = 0;
      const sample = () => {
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
      };
      const { size: stored } = await store.put('large', Readable.from(mebibytes(192, sample)), {
        size: size && 192 * MiB,
      });
      t.is(stored, 192 * MiB);
      const hash = createHash('sha256');
      for await (const piece of (await store.get('large')).body) {
        hash.update(piece);
        sample();
      }
      const expected = createHash('sha256');
      for (const piece of mebibytes(192)) expected.update(piece);
      t.is(hash.digest('hex'), expected.digest('hex'));
      t.log(`at most ${Math.round(peak / MiB)} MiB of buffers`);
      t.true(peak < 96 * MiB, `${Math.round(peak / MiB)} MiB of buffers`);
    });
  }

  test(`${name}: bytes that are not as many as announced are refused`, async (t) => {
    const { store, leftovers } = await open(t);
    for (const size of [9, 11, 0]) {
      await t.throwsAsync(store.put('ten', text('0123456789'), { size }), undefined, `${size}`);
    }
    t.deepEqual([await list(store, ''), await leftovers()], [[], []]);
  });

  test(`${name}: of concurrent puts of one key one wins as a whole`, async (t) => {
    const { store, leftovers } = await open(t);
    await store.put('same', whole(0));
    const read = async () => {
      const bytes = await buffer((await store.get('same')).body);
      t.true(bytes.equals(Buffer.alloc(bytes.length, bytes[0])), 'of one writer only');
      t.is(bytes.length, MiB + (bytes[0] ?? 0));
    };
    const writers = Array.from({ length: 8 }, (_, index) => store.put('same', whole(index + 1)));
    await Promise.all([...writers, read(), read(), read(), read()]);
    await read();
    t.deepEqual(keysOf(await list(store, '')), ['same']);
    t.deepEqual(await leftovers(), []);
  });

  test(`${name}: an object that is replaced has another etag`, async (t) => {
    const { store } = await open(t);
    const one = await store.put('key', text('one'));
    const two = await store.put('key', text('two'));
    t.not(one.etag, two.etag);
    t.notRegex(one.etag, /"/);
    t.is((await store.head('key'))?.etag, two.etag);
  });

  test(`${name}: more than a thousand keys are listed in order and removed`, async (t) => {
    const { store } = await open(t);
    const keys = Array.from({ length: 1_100 }, (_, index) => `many/${index % 7}/${index}.ts`);
    for (let from = 0; from < keys.length; from += 50) {
      await Promise.all(keys.slice(from, from + 50).map((key) => store.put(key, text('x'), { size: 1 })));
    }
    await store.put('many.txt', text('x'));
    t.deepEqual(keysOf(await list(store, '')), byBytes([...keys, 'many.txt']));
    t.deepEqual(
      keysOf(await list(store, 'many/3/1')),
      byBytes(keys.filter((key) => key.startsWith('many/3/1'))),
    );
    t.deepEqual(await list(store, 'none/'), []);
    await store.remove(keys);
    t.deepEqual(keysOf(await list(store, '')), ['many.txt']);
  });

  test(`${name}: files go in and come out`, async (t) => {
    const { store } = await open(t);
    const folder = await tempFolder(t);
    const source = path.join(folder, 'source.mp4');
    await writeFile(source, 'a file');
    t.like(await store.putFile('out/video.mp4', source), { size: 6, contentType: 'video/mp4' });
    await store.putFile('out/video.mp4', source);
    const file = await store.localFile('out/video.mp4', path.join(folder, 'new'));
    t.is(await readFile(file, 'utf8'), 'a file');
    t.is(path.extname(file), '.mp4');
    await t.throwsAsync(store.putFile('out/none', path.join(folder, 'none')), { code: 'ENOENT' });
    await t.throwsAsync(store.putFile('out/x', source, { signal: AbortSignal.abort() }), {
      name: 'AbortError',
    });
    t.deepEqual(keysOf(await list(store, 'out/')), ['out/video.mp4']);
  });

  test(`${name}: a copy is an object of its own`, async (t) => {
    const { store } = await open(t);
    for (const key of odd) {
      await store.put(key, text(`bytes of ${key}`));
      t.like(await store.copy(key, `copy/${key}`), {
        key: `copy/${key}`,
        size: Buffer.byteLength(`bytes of ${key}`),
      });
    }
    await store.put('other', text('replaced'));
    await store.copy('a b/c d.txt', 'other');
    await store.put('a b/c d.txt', text('changed'));
    await store.remove(['ünï/çödé–日本.mp4']);
    const read = async (key: string) => (await buffer((await store.get(key)).body)).toString();
    t.is(await read('copy/a b/c d.txt'), 'bytes of a b/c d.txt');
    t.is(await read('other'), 'bytes of a b/c d.txt');
    t.is(await read('copy/ünï/çödé–日本.mp4'), 'bytes of ünï/çödé–日本.mp4');
    await t.throwsAsync(store.copy('none', 'x'), { instanceOf: ObjectNotFoundError });
    await t.throwsAsync(store.copy('other', 'x', { signal: AbortSignal.abort() }), { name: 'AbortError' });
    await t.throwsAsync(store.copy('other', '../x'), { instanceOf: TypeError });
    t.is(await store.head('x'), undefined);
  });

  test(`${name}: a download can be aborted`, async (t) => {
    const { store } = await open(t);
    await store.put('large', Readable.from(mebibytes(24)));
    const controller = new AbortController();
    const { body } = await store.get('large', { signal: controller.signal });
    await t.throwsAsync(
      async () => {
        for await (const _ of body) controller.abort();
      },
      { name: 'AbortError' },
    );
    await t.throwsAsync(store.get('large', { signal: controller.signal }), { name: 'AbortError' });
    await t.throwsAsync(store.localFile('large', await tempFolder(t), AbortSignal.abort()), {
      name: 'AbortError',
    });
  });
}

function text(content: string): Readable {
  return Readable.from(content === '' ? [] : [Buffer.from(content)]);
}

/** So long that it shows whose it is. */
function whole(writer: number): Readable {
  return Readable.from([Buffer.alloc(MiB, writer), Buffer.alloc(writer, writer)]);
}

/** The same memory again and again, so that the store's own buffers are what is measured. */
function* mebibytes(count: number, before: (done: number) => unknown = () => {}): Iterable<Buffer> {
  const pieces = [1, 2, 3].map((fill) => Buffer.alloc(MiB, fill));
  for (let done = 0; done < count; done++) {
    before(done);
    yield pieces[done % 3] ?? Buffer.alloc(0);
  }
}

/** What the store lists, at once. */
export async function list(store: ObjectStore, prefix: string): Promise<ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  for await (const object of store.list(prefix)) objects.push(object);
  return objects;
}

function keysOf(objects: ObjectInfo[]): string[] {
  return objects.map(({ key }) => key);
}

function byBytes(keys: string[]): string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

async function tempFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'transcodeflow-objects-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
