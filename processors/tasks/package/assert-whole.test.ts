import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TaskError } from '../../task-error.ts';
import { assertWhole, hasWholeBoxes } from './assert-whole.ts';

const box = (type: string, bytes: number) => {
  const buffer = Buffer.alloc(8 + bytes);
  buffer.writeUInt32BE(8 + bytes);
  buffer.write(type, 4);
  return buffer;
};
const large = (bytes: number) => {
  const buffer = Buffer.alloc(16 + bytes);
  buffer.writeUInt32BE(1);
  buffer.write('mdat', 4);
  buffer.writeBigUInt64BE(BigInt(16 + bytes), 8);
  return buffer;
};
const END = '#EXTM3U\n#EXT-X-ENDLIST\n';

async function folder(files: Record<string, Buffer | string>): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'assert-whole-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(made, name), content);
  return made;
}

test('whole segments and ended playlists pass', async (t) => {
  const made = await folder({
    'a.m4s': Buffer.concat([box('moof', 40), box('mdat', 900)]),
    'b.m4s': Buffer.concat([box('moof', 40), large(900)]),
    'playlist.m3u8': END,
  });
  t.teardown(() => rm(made, { recursive: true }));
  await t.notThrowsAsync(assertWhole(made));
});

for (const [what, name, content] of [
  ['a segment without its end', 'a.m4s', Buffer.concat([box('moof', 40), box('mdat', 900)]).subarray(0, -1)],
  ['a segment that ends in a header', 'a.m4s', Buffer.concat([box('moof', 40), Buffer.alloc(5)])],
  ['a segment that goes nowhere', 'a.m4s', Buffer.from('00000004deadbeef', 'hex')],
  ['an empty segment', 'a.m4s', ''],
  ['an empty playlist', 'playlist.m3u8', ''],
  ['a playlist without its end', 'playlist.m3u8', '#EXTM3U\n#EXTINF:4,\na.m4s\n'],
] as const)
  test(`${what} does not`, async (t) => {
    const made = await folder({ 'ok.m3u8': END, [name]: content });
    t.teardown(() => rm(made, { recursive: true }));
    const error = await t.throwsAsync(assertWhole(made), { instanceOf: TaskError });
    t.true(error?.info.retryable);
    t.regex(error?.info.detail ?? '', new RegExp(`^${name} is cut off; \\d+ MiB are free`));
  });

test('at every length but its own, a file has not all of its boxes', async (t) => {
  const made = await folder({ 'a.m4s': Buffer.concat([box('styp', 4), box('moof', 16), large(8)]) });
  t.teardown(() => rm(made, { recursive: true }));
  const path = join(made, 'a.m4s');
  t.true(await hasWholeBoxes(path));
  for (let length = (await readFile(path)).length - 1; length >= 0; length -= 1) {
    await truncate(path, length);
    // Where a box ends, only what refers to the missing ones could tell.
    if (length !== 12 && length !== 36) t.false(await hasWholeBoxes(path), String(length));
  }
});
