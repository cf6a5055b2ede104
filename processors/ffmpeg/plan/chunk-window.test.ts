import { filmOf } from '@transcodeflow/shared/contracts/media.ts';
import { sampleMedia } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import {
  type ChunkWindow,
  chunkWindow,
  entry,
  keyframes,
  posterInstants,
  tileInstants,
  trim,
} from './chunk-window.ts';

const film = { first_s: 0.04, duration_s: 120 };
const first: ChunkWindow = { ...film, number: 1, from_s: 0.04, to_s: 39.96 };
const second: ChunkWindow = { ...film, number: 2, from_s: 39.96, to_s: 80.04 };
const last: ChunkWindow = { ...film, number: 3, from_s: 80.04 };
const all = [first, second, last];

test('neighbours are cut at the same number, half a millisecond before the keyframe', (t) => {
  t.deepEqual(all.map(trim), [
    ['trim=end=39.959500'],
    ['trim=start=39.959500:end=80.039500'],
    ['trim=start=80.039500'],
  ]);
  t.deepEqual(trim({ ...film, number: 1, from_s: 0.04 }), []);
});

test('a chunk is entered at its keyframe; the first one is read from the start', (t) => {
  t.deepEqual(all.map(entry), [
    [],
    ['-noaccurate_seek', '-ss', '39.960500'],
    ['-noaccurate_seek', '-ss', '80.040500'],
  ]);
});

const cut = { start_s: 44.01, end_s: 170 };
const trimmed = (number: number, from_s: number, to_s?: number, neighbours = false) =>
  chunkWindow(
    { chunk: { number, from_s, ...(to_s !== undefined && { to_s }) }, first_s: cut.start_s, trim: cut },
    filmOf(sampleMedia({ duration_s: 300 })),
    neighbours,
  );

test('of a trimmed video the clock begins where it is trimmed, and the source is read on its own', (t) => {
  const [one, two, three] = [trimmed(1, 44.01, 80), trimmed(2, 80, 120), trimmed(3, 120)];
  t.like(two, { from_s: 80 - 44.01, to_s: 120 - 44.01, first_s: 0, duration_s: 170 - 44.01, cut });
  t.is(three.to_s, undefined);
  const clock = "setpts='max(0,PTS-round(44.010000/TB))'";
  t.deepEqual([one, two, three].map(trim), [
    ['trim=start=44.009500:end=79.999500', clock],
    ['trim=start=79.999500:end=119.999500', clock],
    ['trim=start=119.999500:end=169.999500', clock],
  ]);
  t.deepEqual([one, two, three].map(entry), [
    // It begins between keyframes: well before, to find one.
    ['-noaccurate_seek', '-ss', '43.010000'],
    ['-noaccurate_seek', '-ss', '80.000500'],
    ['-noaccurate_seek', '-ss', '120.000500'],
  ]);
  t.deepEqual(entry(trimmed(2, 80, 120, true)), ['-noaccurate_seek', '-ss', '79.000000']);
});

test('keyframes are counted from the first frame of the whole video', (t) => {
  t.is(keyframes(first, 2), 'expr:if(n,gte(t+0.000004,(0+n_forced)*2),1)');
  // 39.92 s after the first frame: the next one of the grid is the twentieth, 0.08 s later.
  t.is(keyframes(second, 2), 'expr:if(n,gte(t+39.920004,(19+n_forced)*2),1)');
  // On the grid: the chunk's first frame is the fortieth itself.
  t.is(keyframes(last, 2), 'expr:if(n,gte(t+80.000004,(40+n_forced)*2),1)');
});

test('candidates for the poster: twelve in all, each in one chunk', (t) => {
  const instants = all.map((window) => posterInstants(window, { width: 2, height: 2 }));
  t.deepEqual(
    instants.map(({ count }) => count),
    [4, 4, 4],
  );
  t.deepEqual(
    instants.map(({ from_s }) => Number(from_s.toFixed(3))),
    [0.04, 40.04, 80.04],
  );
});

test('the poster of an instant: the first frame from there on of its chunk, or else of the next', (t) => {
  const pictures = (time_s: number) =>
    all.map((window) => {
      const { count, least } = posterInstants(window, { width: 2, height: 2, time_s });
      return count > 0 ? least : 0;
    });
  t.deepEqual(pictures(0), [1, 1, 1]);
  t.deepEqual(pictures(39.95), [2, 1, 1]);
  t.deepEqual(pictures(39.96), [0, 1, 1]);
  t.deepEqual(pictures(40), [0, 2, 1]);
  t.deepEqual(pictures(119.9), [0, 0, 1]);
});

test('tiles: each instant in one chunk, also those before the first frame', (t) => {
  const grid = { interval_s: 2, tile_width: 2, tile_height: 2, columns: 10, rows: 10 };
  const tiles = all.map((window) => tileInstants(window, grid));
  t.deepEqual(tiles, [
    { from_s: 0, count: 20 },
    { from_s: 40, count: 21 },
    { from_s: 82, count: 19 },
  ]);
});
