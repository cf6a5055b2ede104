import test from 'ava';
import { Peaks } from './peaks.ts';

test('each figure has its own highest instant; together is one instant of all', (t) => {
  const peaks = new Peaks();
  const size = (bytes: number, processes = 1) => ({ bytes, processes });
  peaks.add(
    new Map([
      ['query-service', size(5)],
      ['processors', size(9)],
      ['ffmpeg and ffprobe', size(10, 3)],
    ]),
  );
  peaks.add(
    new Map([
      ['query-service', size(7)],
      ['kafka', size(4)],
      ['ffmpeg and ffprobe', size(30, 2)],
    ]),
  );
  t.is(peaks.samples, 2);
  t.is(peaks.together, 41);
  t.deepEqual(peaks.parts.get('ffmpeg and ffprobe'), { bytes: 30, processes: 3 });
  t.deepEqual(Object.fromEntries(peaks.groups), { services: 14, media: 30, infrastructure: 4 });
});
