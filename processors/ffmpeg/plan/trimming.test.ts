import test from 'ava';
import { trimming } from './trimming.ts';

const mp4 = { format: 'mov,mp4,m4a,3gp,3g2,mj2' };

test('without a trim nothing is added', (t) => {
  t.deepEqual(trimming(undefined, mp4), { input: [], video: [], audio: [] });
});

test('near the start the file is read from its start; a picture at the very end is not in the part', (t) => {
  t.deepEqual(trimming({ start_s: 4, end_s: 6 }, mp4), {
    input: ['-t', '7.000000'],
    video: ['trim=start=3.999500:end=5.999500', "setpts='max(0,PTS-round(4.000000/TB))'"],
    audio: ['atrim=start=4.000000:end=6.000000', 'asetpts=PTS-4.000000/TB'],
  });
});

test('far behind it reading begins ten seconds before the part, unless a seek may fail', (t) => {
  const far = { start_s: 3600, end_s: 3660 };
  t.deepEqual(trimming(far, mp4).input, ['-ss', '3590.000000', '-t', '71.000000']);
  t.deepEqual(trimming(far, mp4).audio[0], 'atrim=start=10.000000:end=70.000000');
  t.deepEqual(trimming(far, { format: 'avi' }).input, ['-t', '3661.000000']);
  t.deepEqual(trimming(far).input, ['-t', '3661.000000']);
});
