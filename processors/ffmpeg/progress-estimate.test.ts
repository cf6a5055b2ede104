import test from 'ava';
import { ProgressEstimate } from './progress-estimate.ts';

test('the further of frames and time is what was done, over the time that it took', (t) => {
  let now = 100;
  const estimate = new ProgressEstimate({ duration_s: 60, frames: 1500 }, () => now);
  now += 10;
  t.deepEqual(estimate.add({ frame: 300, out_time_s: 5, fps: 30 }), {
    fraction: 0.2,
    fps: 30,
    speed: 1.2,
    eta_s: 40,
  });
  t.is(estimate.add({ frame: 300, out_time_s: 30 }).fraction, 0.5);
});

test('the fraction never falls and never passes 1', (t) => {
  const estimate = new ProgressEstimate({ duration_s: 10, frames: 250 });
  const reports = [{ frame: 50 }, { frame: 60, out_time_s: 8 }, { frame: 70, out_time_s: 0 }, { frame: 999 }];
  t.deepEqual(
    reports.map((report) => estimate.add(report).fraction),
    [0.2, 0.8, 0.8, 1],
  );
});

test('without an expectation, or before the first frame, neither speed nor time left is made up', (t) => {
  t.deepEqual(new ProgressEstimate({}).add({ frame: 12, out_time_s: 3 }), { fraction: 0 });
  t.deepEqual(new ProgressEstimate({ duration_s: 10, frames: 250 }).add({ frame: 0 }), { fraction: 0 });
});
