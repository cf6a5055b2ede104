import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { colourOf } from '../../ffmpeg/testing/colour-of.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { TaskError } from '../../task-error.ts';
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

/** An EXIF segment in big-endian TIFF: orientation, and GPS latitude of 48 degrees north. */
function exif(orientation: number): Buffer {
  const tiff = Buffer.alloc(8 + 2 + 2 * 12 + 4 + 2 + 12 + 4);
  tiff.write('MM\0*', 0, 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(2, 8);
  const entry = (at: number, tag: number, type: number, count: number, value: Buffer) => {
    tiff.writeUInt16BE(tag, at);
    tiff.writeUInt16BE(type, at + 2);
    tiff.writeUInt32BE(count, at + 4);
    value.copy(tiff, at + 8);
  };
  entry(10, 0x0112, 3, 1, Buffer.from([0, orientation]));
  entry(22, 0x8825, 4, 1, Buffer.from([0, 0, 0, 38]));
  tiff.writeUInt16BE(1, 38);
  entry(40, 1, 2, 2, Buffer.from('N\0', 'latin1'));
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  return Buffer.concat([Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]), body]);
}

for (const [orientation, size, corner] of [
  [1, '200x100', '20:20:0:0'],
  [3, '200x100', '20:20:iw-20:ih-20'],
  [6, '100x200', '20:20:iw-20:0'],
  [8, '100x200', '20:20:0:ih-20'],
] as const)
  test.serial(`EXIF orientation ${orientation} is applied, and nothing of EXIF is left`, async (t) => {
    // Red is top left as it is stored.
    const mark = 'color=blue:size=200x100,drawbox=w=40:h=40:c=red:t=fill';
    const plain = await readFile(await bench.make('mark.jpg', '-f', 'lavfi', '-i', mark, '-frames:v', '1'));
    const path = join(bench.folder, `turned-${orientation}.jpg`);
    await writeFile(path, Buffer.concat([plain.subarray(0, 2), exif(orientation), plain.subarray(2)]));
    const { object, width, height } = await make(path);
    t.is(`${width}x${height}`, size);
    const [red = 0, , blue = 255] = await colourOf(bench, object.key, corner);
    t.true(red > 180 && blue < 80, `${red} ${blue}`);
    const stored = await readFile(await bench.objects.localFile(object.key, bench.folder));
    for (const trace of ['Exif', 'ICC_PROFILE', 'http://ns.adobe.com'])
      t.false(stored.includes(trace), trace);
  });

test.serial('a colour profile and XMP are gone', async (t) => {
  const plain = await readFile(await bench.make('bare.jpg', ...picture('64x64')));
  const segment = (marker: number, text: string) =>
    Buffer.concat([Buffer.from([0xff, marker, 0, text.length + 2]), Buffer.from(text, 'latin1')]);
  const path = join(bench.folder, 'profiled.jpg');
  const extra = [
    segment(0xe2, 'ICC_PROFILE\0\x01\x01made by Jane'),
    segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x>Jane</x>'),
    segment(0xfe, 'a comment of Jane'),
  ];
  await writeFile(path, Buffer.concat([plain.subarray(0, 2), ...extra, plain.subarray(2)]));
  const { object } = await make(path);
  const stored = await readFile(await bench.objects.localFile(object.key, bench.folder));
  for (const trace of ['Jane', 'ICC_PROFILE', 'adobe']) t.false(stored.includes(trace), trace);
});

for (const format of ['gif', 'apng'])
  test.serial(`of an animation, the first picture is taken: ${format}`, async (t) => {
    const two =
      'color=red:size=64x64:rate=2:duration=1[a];color=blue:size=64x64:rate=2:duration=1[b];[a][b]concat';
    const path = await bench.make(`moving.${format}`, '-f', 'lavfi', '-i', two, '-f', format);
    const { object } = await make(path);
    const [red = 0, , blue = 255] = await colourOf(bench, object.key, 'iw:ih:0:0');
    t.true(red > 180 && blue < 80, `${red} ${blue}`);
  });

test.serial('more pixels than can be processed are refused by their number', async (t) => {
  // One row of a PNG says how many there are; nothing is decoded to know.
  const png = await readFile(await bench.make('one.png', ...picture('16x16')));
  png.writeUInt32BE(12_000, 16);
  png.writeUInt32BE(12_000, 20);
  const { crc32 } = await import('node:zlib');
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  const path = join(bench.folder, 'huge.png');
  await writeFile(path, png);
  const error = await t.throwsAsync(make(path), { instanceOf: TaskError });
  t.is(error?.info.code, 'invalid_thumbnail');
  t.false(error?.info.retryable);
  t.regex(error?.info.message ?? '', /12000x12000 pixels/);
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
