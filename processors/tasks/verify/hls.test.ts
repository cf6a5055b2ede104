import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { packageHls } from '../../ffmpeg/plan/package-plan.ts';
import { openGateBench } from './testing/gate-bench.ts';

const bench = await openGateBench();
test.after.always(() => bench.close());

test.serial('I10: the gate refuses a package with a missing, a swapped or a truncated segment', async (t) => {
  const { verifySpec, packaged } = await bench.goodOutput();
  const copyPackage = async (to: string) => {
    for await (const { key } of bench.objects.list(packaged.prefix)) {
      const { body } = await bench.objects.get(key);
      await bench.objects.put(`${to}${key.slice(packaged.prefix.length)}`, body);
    }
    return { ...verifySpec, hls: { prefix: to, master: packaged.master } };
  };
  const segment = (prefix: string, number: number) => `${prefix}360p/segment-0000${number}.m4s`;

  const missing = await copyPackage('missing/');
  await bench.objects.remove([segment('missing/', 2)]);
  t.regex(await bench.complaints(missing), /hls\/360p\/playlist\.m3u8: content: .*No object/);

  const swapped = await copyPackage('swapped/');
  await bench.objects.put(segment('swapped/', 2), (await bench.objects.get(segment('swapped/', 1))).body);
  t.regex(await bench.complaints(swapped), /hls\/360p\/playlist\.m3u8: content: /);

  const cut = await copyPackage('cut/');
  const { body, info } = await bench.objects.get(segment('cut/', 2), { range: { start: 0, end: 9999 } });
  t.true(info.size > 10_000);
  await bench.objects.put(segment('cut/', 2), body);
  t.regex(await bench.complaints(cut), /hls\/360p\/playlist\.m3u8: content: /);
});

test.serial(
  'I10: the gate refuses a DASH manifest that names another time, another file, or nothing',
  async (t) => {
    const { verifySpec, packaged } = await bench.goodOutput();
    const manifest = await text((await bench.objects.get(`${packaged.prefix}manifest.mpd`)).body);
    const { hls } = verifySpec;
    if (!hls) throw new Error('Nothing was packaged');
    const changed = async (from: string | RegExp, to: string) => {
      await bench.objects.put(`${packaged.prefix}other.mpd`, Readable.from([manifest.replace(from, to)]));
      return bench.complaints({ ...verifySpec, hls: { ...hls, manifest: 'other.mpd' } });
    };
    t.regex(await changed(/ d="\d+"/, ' d="1000"'), /dash\/360p: segments: 360p\/segment-00001\.m4s lasts/);
    t.regex(await changed('segment-$Number', 'part-$Number'), /dash\/360p: segments: /);
    t.regex(
      await changed('id="audio"', 'id="sound"'),
      /dash: representations: 360p sound, expected 360p audio/,
    );
    t.regex(
      await changed(/Duration="PT\d+/, 'Duration="PT7'),
      /dash: duration: 7\.\d+ s, its segments end at 4/,
    );
    const missing = { ...verifySpec, hls: { ...hls, manifest: 'no.mpd' } };
    t.regex(await bench.complaints(missing), /dash: manifest: it is missing/);
  },
);

test.serial('I10: the gate refuses a segment that begins between keyframes', async (t) => {
  const { verifySpec, packaged } = await bench.goodOutput();
  for await (const { key } of bench.objects.list(packaged.prefix)) {
    const { body } = await bench.objects.get(key);
    await bench.objects.put(`between/${key.slice(packaged.prefix.length)}`, body);
  }
  // The same packets, cut each second, where every other second has no keyframe.
  const videos = [{ name: 'cut', path: await bench.renditionFile(), end_s: 4 }];
  const args = packageHls({ videos, sounds: [], segment_s: 1 }).with(-1, '-y');
  await bench.make(
    '%v/playlist.m3u8',
    ...args.map((arg) => arg.replace('independent_segments', 'split_by_time')),
  );
  const playlist = join(bench.folder, 'cut/playlist.m3u8');
  await writeFile(playlist, (await readFile(playlist, 'utf8')).replaceAll(/#EXTINF:[\d.]+/g, '#EXTINF:1.0'));
  for (const name of await readdir(join(bench.folder, 'cut')))
    await bench.objects.putFile(`between/360p/${name}`, join(bench.folder, 'cut', name));
  t.regex(
    await bench.complaints({ ...verifySpec, hls: { prefix: 'between/', master: packaged.master } }),
    /^gate_failed\nhls\/360p\/playlist\.m3u8: keyframes: none at the start of segment-00002\.m4s segment-00004\.m4s$/m,
  );
});
