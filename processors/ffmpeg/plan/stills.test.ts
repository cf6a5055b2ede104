import test from 'ava';
import { storyboardVtt } from '../storyboard-vtt.ts';
import { storyboardGrid } from './stills.ts';

const spec = { interval_s: 2, tile_width: 160, tile_height: 90, columns: 3, rows: 2 };

test('a tile for each started interval, in no more cells than needed', (t) => {
  t.deepEqual(storyboardGrid(spec, 0.04), { columns: 1, rows: 1, tiles: 1 });
  t.deepEqual(storyboardGrid(spec, 4), { columns: 2, rows: 1, tiles: 2 });
  t.deepEqual(storyboardGrid(spec, 4.1), { columns: 3, rows: 1, tiles: 3 });
  t.deepEqual(storyboardGrid(spec, 7), { columns: 3, rows: 2, tiles: 4 });
  t.deepEqual(storyboardGrid(spec, 1000), { columns: 3, rows: 2, tiles: 6 });
});

test('the captions walk the sheet row by row and end with the video', (t) => {
  const vtt = storyboardVtt('s.jpg', spec, storyboardGrid(spec, 7), 7);
  t.is(
    vtt,
    `WEBVTT

00:00:00.000 --> 00:00:02.000
s.jpg#xywh=0,0,160,90

00:00:02.000 --> 00:00:04.000
s.jpg#xywh=160,0,160,90

00:00:04.000 --> 00:00:06.000
s.jpg#xywh=320,0,160,90

00:00:06.000 --> 00:00:07.000
s.jpg#xywh=0,90,160,90
`,
  );
});
