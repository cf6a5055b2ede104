import test from 'ava';
import { ProgressParser } from './progress-report.ts';

test('reports are read however their bytes are cut', (t) => {
  const parser = new ProgressParser();
  const text = 'frame=7\nfps=25.0\nout_time_us=280000\nspeed=1.5x\nprogress=continue\n';
  t.deepEqual(
    [...text].flatMap((char) => parser.add(char)),
    [{ out_time_s: 0.28, frame: 7, fps: 25, speed: 1.5 }],
  );
});

test('figures that are none are left out, and negative ones are zero: heartbeats carry neither', (t) => {
  const parser = new ProgressParser();
  const [report] = parser.add('frame=-5\nfps=Infinity\nspeed=N/A\nout_time_us=-1e300\nprogress=continue\n');
  t.deepEqual(report, { frame: 0, out_time_s: 0 });
});

test('what never ends a line does not pile up, and the report after it is read', (t) => {
  const parser = new ProgressParser();
  const before = process.memoryUsage().rss;
  for (let chunk = 0; chunk < 4_000; chunk += 1) t.deepEqual(parser.add('\u0000\u0001='.repeat(22_000)), []);
  t.true(process.memoryUsage().rss - before < 200_000_000);
  t.deepEqual(parser.add('\nframe=3\nprogress=end\n'), [{ frame: 3 }]);
});
