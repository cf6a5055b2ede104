import { sampleMedia, sampleRef } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { encodeSpec } from '../ffmpeg/testing/encode-spec.ts';
import { spaceNeeded } from './space-needed.ts';

const SLACK = 64 * 1_024 ** 2;
const source = (bytes: number) => sampleRef('source', bytes);
const media = sampleMedia({ duration_s: 100 });
const plain = { poster: undefined, storyboard: undefined } as const;
const encode = (bytes: number) => {
  const { poster: _, storyboard: __, ...spec } = { ...encodeSpec(source(bytes), media), ...plain };
  return spec;
};

test('an encode may fill its bitrate caps for as long as the source lasts, beside its copy of the source', (t) => {
  // 4 and 1.2 Mbit/s, and 128 kbit/s of sound in both and in a file of its own.
  const made = ((4_000_000 + 1_200_000 + 3 * 128_000) / 8) * 100;
  t.is(spaceNeeded(encode(1e9), true), 1e9 + made + SLACK);
  t.is(spaceNeeded(encode(1e9), false), made + SLACK);
});

test('a chunk needs room for about its part of the source', (t) => {
  const { audio: _, ...pictures } = encode(1e9);
  const chunk = (from_s: number, to_s: number) =>
    ({ ...pictures, kind: 'encode-chunk', chunk: { number: 2, from_s, to_s }, first_s: 0 }) as const;
  const copied = (from_s: number, to_s: number) =>
    spaceNeeded(chunk(from_s, to_s), true) - spaceNeeded(chunk(from_s, to_s), false);
  t.is(copied(20, 30), 2e8, 'twice its share');
  t.is(copied(20, 90), 1e9, 'never more than the whole');
});

test('of a trimmed source only that part is encoded, and the last chunk of it ends with it', (t) => {
  const trim = { start_s: 10, end_s: 30 };
  const whole = encode(1e9);
  t.is(spaceNeeded({ ...whole, trim }, false) - SLACK, (spaceNeeded(whole, false) - SLACK) / 5);
  const { audio: _, ...pictures } = whole;
  const last = {
    ...pictures,
    kind: 'encode-chunk',
    chunk: { number: 3, from_s: 20 },
    first_s: 10,
    trim,
  } as const;
  const made = ((4_000_000 + 1_200_000) / 8) * 10;
  t.is(spaceNeeded(last, false), made + SLACK);
  t.is(spaceNeeded(last, true), 2e8 + made + SLACK);
});

test('each further track of sound is a file of its own', (t) => {
  const { audio, ...spec } = encode(1e9);
  const alternate = { ...audio!, name: 'audio-de', stream_index: 2, bitrate: 96_000 };
  const more = spaceNeeded({ ...spec, ...(audio && { audio }), audio_alternates: [alternate] }, false);
  t.is(more - spaceNeeded(encode(1e9), false), (96_000 / 8) * 100);
});

test('of a small source no more than eight times its size is expected', (t) => {
  t.is(spaceNeeded(encode(1_000_000), false), 8_000_000 + SLACK);
});

test("the storyboard's raw tiles are counted", (t) => {
  const storyboard = { interval_s: 10, tile_width: 160, tile_height: 90, columns: 5, rows: 5 };
  t.is(
    spaceNeeded({ ...encode(1e9), storyboard }, false) - spaceNeeded(encode(1e9), false),
    10 * (160 * 90 * 1.5),
  );
});

test('what only reads needs room for copies alone, a fetch none', (t) => {
  const spec = { kind: 'inspect', source: source(1e9), filename: 'a.mp4' } as const;
  t.deepEqual([spaceNeeded(spec, true), spaceNeeded(spec, false)], [1e9, 0]);
  t.is(spaceNeeded({ kind: 'ingest', url: 'https://video.example/a', most_bytes: 1e9 }, true), 0);
});

test('packaging writes everything once more', (t) => {
  const rendition = { name: '360p', object: source(5e8), width: 640, height: 360 };
  const spec = { kind: 'package', renditions: [rendition], segment_s: 4 } as const;
  t.is(spaceNeeded({ ...spec, renditions: [rendition] }, true), 1e9 + SLACK);
});
