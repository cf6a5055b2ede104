import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { MiB, mebibytes, text } from './bytes.ts';
import { keysOf, list } from './listing.ts';
import type { OpenStore } from './store-under-test.ts';

/** A put is whole or leaves nothing, and holds little memory. */
export function testPuts(name: string, open: OpenStore): void {
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
}

/** So long that it shows whose it is. */
function whole(writer: number): Readable {
  return Readable.from([Buffer.alloc(MiB, writer), Buffer.alloc(writer, writer)]);
}
