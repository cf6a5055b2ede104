import { sampleMedia, sampleRef } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { encodeSpec } from '../ffmpeg/testing/encode-spec.ts';
import { limitTime, timeLimit } from './time-limit.ts';

const source = sampleRef('source', 10_000_000);
const spec = (duration_s: number, codec: 'h264' | 'av1' = 'h264') => {
  const { renditions, ...rest } = encodeSpec(
    source,
    sampleMedia({ duration_s, video: { frame_rate: 25, frame_count: 25 * duration_s } }),
  );
  return { ...rest, renditions: renditions.map((rendition) => ({ ...rendition, codec })) };
};

test('an encode may take a second per million pixels of the source and the renditions', (t) => {
  const pixels = 1920 * 1080 + 640 * 360 + 1280 * 720;
  t.is(timeLimit(spec(60)), 600 + 10 + 120 + (60 * 25 * pixels) / 1e6);
});

test('longer sources and slower encoders get more time', (t) => {
  const [short, long, av1] = [spec(60), spec(600), spec(60, 'av1')].map((each) => timeLimit(each) ?? 0);
  t.true((long ?? 0) > (short ?? 0) * 5);
  t.true((av1 ?? 0) > (short ?? 0) * 2);
});

test('the last chunk of a trimmed source ends with it', (t) => {
  const { audio: _, ...pictures } = spec(600);
  const chunk = { ...pictures, kind: 'encode-chunk', chunk: { number: 3, from_s: 20 }, first_s: 10 } as const;
  const whole = timeLimit(chunk) ?? 0;
  const trimmed = timeLimit({ ...chunk, trim: { start_s: 10, end_s: 30 } }) ?? 0;
  t.is(Math.round((whole - 610) / (trimmed - 610)), 58);
});

test('a container that claims endless frames gets no endless time', (t) => {
  const media = sampleMedia({ duration_s: 1, video: { frame_count: 1e12, frame_rate: 1e9 } });
  t.true((timeLimit(encodeSpec(source, media)) ?? 0) < 10_000);
});

test('a fetch by URL has limits of its own', (t) => {
  t.is(timeLimit({ kind: 'ingest', url: 'https://video.example/a', most_bytes: 1 }), undefined);
});

test('factor 0 lets tasks take any time', async (t) => {
  const limit = limitTime(spec(60), 0);
  t.false(limit.signal.aborted);
  limit.close();
});
