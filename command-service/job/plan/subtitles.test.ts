import { sampleMedia } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { planSubtitles } from './subtitles.ts';

const media = (...codecs: string[]) =>
  sampleMedia({
    subtitles: codecs.map((codec, index) => ({
      index: index + 2,
      codec,
      language: 'fre',
      text: codec === 'subrip',
      ...(index === 1 && { forced: true as const }),
    })),
  });

test('text becomes tracks of their own names, pictures are left out with the reason', (t) => {
  t.deepEqual(planSubtitles(media('subrip', 'subrip', 'dvd_subtitle'), true), {
    subtitles: [
      { name: 'subtitles-fr', stream_index: 2, language: 'fre' },
      { name: 'subtitles-fr-2', stream_index: 3, language: 'fre', forced: true },
    ],
    skipped: [
      { output: 'subtitles-fr-3', reason: 'Subtitles that are pictures (dvd_subtitle) cannot become text' },
    ],
  });
});

test('without a package there is nowhere to put them', (t) => {
  const { subtitles, skipped } = planSubtitles(media('subrip'), false);
  t.deepEqual([subtitles.length, skipped.map(({ output }) => output)], [0, ['subtitles-fr']]);
});

test('no file makes thousands of tracks', (t) => {
  const { subtitles, skipped } = planSubtitles(media(...Array.from({ length: 100 }, () => 'subrip')), true);
  t.deepEqual([subtitles.length, skipped.length], [64, 36]);
});
