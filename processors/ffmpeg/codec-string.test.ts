import test from 'ava';
import { av1CodecString, avcCodecString, hevcCodecString, videoCodecString } from './codec-string.ts';

const box = (name: string, hex: string) =>
  Buffer.concat([Buffer.alloc(7), Buffer.from(name), Buffer.from(hex, 'hex')]);

test('H.264: profile, constraints and level', (t) => {
  t.is(avcCodecString(box('avcC', '0164001fffe1')), 'avc1.64001f');
});

test('HEVC: the example of ISO 14496-15, and what x265 writes', (t) => {
  t.is(hevcCodecString(box('hvcC', '01016000000090000000000 05d00'.replace(' ', ''))), 'hvc1.1.6.L93.90');
  t.is(hevcCodecString(box('hvcC', '010160000000900000000000 3f'.replace(' ', ''))), 'hvc1.1.6.L63.90');
  t.is(hevcCodecString(box('hvcC', '0122200000009000000000 0099'.replace(' ', ''))), 'hvc1.2.4.H153.90');
});

test('AV1: profile, level, tier, bit depth', (t) => {
  t.is(av1CodecString(box('av1C', '81010c00')), 'av01.0.01M.08');
  t.is(av1CodecString(box('av1C', '810cc000')), 'av01.0.12H.10');
  t.is(av1CodecString(box('av1C', '81486000')), 'av01.2.08M.12');
});

test('by the box that is there; none is an error', (t) => {
  t.is(videoCodecString(box('avcC', '0164001fffe1')), 'avc1.64001f');
  t.is(videoCodecString(box('av1C', '81010c00')), 'av01.0.01M.08');
  t.throws(() => videoCodecString(Buffer.from('ftypmoov')), { message: /no avcC, hvcC or av1C/ });
  t.throws(() => hevcCodecString(Buffer.from('hvcC')), { message: /no hvcC/ });
});
