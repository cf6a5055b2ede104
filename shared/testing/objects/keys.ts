import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { ObjectNotFoundError } from '../../objects/object-store.ts';
import { text } from './bytes.ts';
import { keysOf, list } from './listing.ts';
import { odd } from './odd-keys.ts';
import type { OpenStore } from './store-under-test.ts';
import { tempFolder } from './temp-folder.ts';

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

/** Which keys there may be, and what is told of those without an object. */
export function testKeys(name: string, open: OpenStore): void {
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
}

function byBytes(keys: string[]): string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
