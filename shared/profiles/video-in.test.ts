import test from 'ava';
import type { ProfileName } from '../contracts/rest/jobs.ts';
import { profiles } from './profiles.ts';
import { videoIn } from './video-in.ts';

const videoOf = (name: ProfileName) => {
  const { video } = profiles[name];
  if (!video) throw new Error(`${name} has no video`);
  return video;
};

for (const [codec, name] of [
  ['hevc', 'hevc'],
  ['av1', 'av1'],
] as const)
  test(`web in ${codec} is the profile ${name}, and back again`, (t) => {
    t.deepEqual(videoIn(videoOf('web'), codec), videoOf(name));
    t.deepEqual(videoIn(videoOf(name), 'h264'), videoOf('web'));
  });

test('a better quality than the usual one stays so on every scale', (t) => {
  const archive = videoOf('archive');
  t.like(videoIn(archive, 'hevc'), { codec: 'hevc', crf: 19, ladder: null, max_bitrate: 78_000_000 });
  t.like(videoIn(archive, 'av1'), { codec: 'av1', crf: 26, max_bitrate: 60_000_000 });
});
