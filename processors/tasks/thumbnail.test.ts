import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openTaskBench } from '../ffmpeg/testing/task-bench.ts';
import { TaskError } from './task-handler.ts';
import { thumbnail } from './thumbnail.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const picture = (size: string) => ['-f', 'lavfi', '-i', `testsrc2=size=${size}`, '-frames:v', '1'];
const make = async (path: string, max_width = 640) =>
  thumbnail({ kind: 'thumbnail', image: await bench.upload(path), max_width }, await bench.attempt());

for (const [name, args] of [
  ['a.jpg', []],
  ['a.png', []],
  ['a.webp', ['-c:v', 'libwebp']],
  ['a.gif', []],
] as const) {
  test.serial(`${name} becomes a JPEG no wider than asked, of even sides`, async (t) => {
    const result = await make(await bench.make(name, ...picture('1001x751'), ...args));
    t.deepEqual([result.width, result.height], [640, 480]);
    const stored = await readFile(await bench.objects.localFile(result.object.key, bench.folder));
    t.is(stored.subarray(0, 3).toString('hex'), 'ffd8ff');
    t.is(stored.length, result.object.size_bytes);
  });
}

test.serial('small pictures are not blown up', async (t) => {
  const { width, height } = await make(await bench.make('small.png', ...picture('101x77')));
  t.deepEqual([width, height], [100, 76]);
});

test.serial('EXIF data is gone', async (t) => {
  const plain = await readFile(await bench.make('plain.jpg', ...picture('64x64')));
  const secret = Buffer.from('Exif\0\0II*\0\x08\0\0\0\0\0 Jane Doe at home', 'latin1');
  const header = Buffer.from([0xff, 0xe1, 0, secret.length + 2]);
  const path = join(bench.folder, 'exif.jpg');
  await writeFile(path, Buffer.concat([plain.subarray(0, 2), header, secret, plain.subarray(2)]));
  const { object } = await make(path);
  t.false((await readFile(await bench.objects.localFile(object.key, bench.folder))).includes('Jane Doe'));
});

test.serial('what is no picture is refused in a sentence', async (t) => {
  const text = join(bench.folder, 'text.png');
  await writeFile(text, 'not a picture');
  const cut = join(bench.folder, 'cut.png');
  await writeFile(
    cut,
    (await readFile(await bench.make('whole.png', ...picture('640x360')))).subarray(0, 60),
  );
  const video = await bench.make(
    'video.jpg.mp4',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=64x64:duration=1',
    '-c:v',
    'libx264',
  );
  for (const path of [text, cut, video]) {
    const error = await t.throwsAsync(make(path), { instanceOf: TaskError }, path);
    t.is(error?.info.code, 'invalid_thumbnail');
    t.false(error?.info.retryable);
  }
});
