import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'ava';
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
