import test from 'ava';
import { deviceScale } from './device-scale.ts';

const full = { width: 1920, height: 1080 };
const sizes = (filters: readonly string[]) =>
  filters.map((filter) => /=(\d+):(\d+)/.exec(filter)?.slice(1).map(Number) ?? []);

test('CUDA shrinks in steps of at most three to one, and ends at the size that is wanted', (t) => {
  for (const from of [full, { width: 7680, height: 4320 }, { width: 3840, height: 800 }])
    for (const to of [
      { width: 1280, height: 720 },
      { width: 640, height: 360 },
      { width: 426, height: 240 },
      { width: 160, height: 90 },
      { width: 102, height: 180 },
    ]) {
      const steps = [[from.width, from.height], ...sizes(deviceScale('cuda', from, to, 'yuv420p'))];
      t.deepEqual(steps.at(-1), [to.width, to.height]);
      for (const [index, [width = 0, height = 0]] of steps.slice(1).entries()) {
        const [wider = 0, higher = 0] = steps[index] ?? [];
        // Sizes are even: a little more than three comes of rounding.
        t.true(wider / width < 3.1 && higher / height < 3.1, `${steps.join(' → ')}`);
      }
    }
});

test('no step where none is needed; the last one alone sets the format', (t) => {
  t.is(deviceScale('cuda', full, { width: 640, height: 360 }, 'yuv420p').length, 1);
  t.is(deviceScale('cuda', full, full, 'yuv420p').length, 1);
  const [first = '', last = ''] = deviceScale('cuda', full, { width: 320, height: 180 }, 'p010le');
  t.notRegex(first, /format/);
  t.regex(last, /format=p010le$/);
  t.deepEqual(deviceScale('vaapi', full, { width: 320, height: 180 }, 'nv12'), [
    'scale_vaapi=320:180:format=nv12',
  ]);
});
