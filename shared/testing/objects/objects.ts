import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { ObjectNotFoundError } from '../../objects/object-store.ts';
import { mebibytes, text } from './bytes.ts';
import { keysOf, list } from './listing.ts';
import { odd } from './odd-keys.ts';
import type { OpenStore } from './store-under-test.ts';
import { tempFolder } from './temp-folder.ts';

/** What is told of an object, and what can be done with it. */
export function testObjects(name: string, open: OpenStore): void {
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

  test(`${name}: an object that is replaced has another etag`, async (t) => {
    const { store } = await open(t);
    const one = await store.put('key', text('one'));
    const two = await store.put('key', text('two'));
    t.not(one.etag, two.etag);
    t.notRegex(one.etag, /"/);
    t.is((await store.head('key'))?.etag, two.etag);
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
