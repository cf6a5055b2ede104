import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import type { AudioStream, MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import type { ProfileName } from '@transcodeflow/shared/contracts/rest/jobs.ts';
import { sampleMedia } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { planJob } from '../plan.ts';

const track = (index: number, language?: string, more: Partial<AudioStream> = {}): AudioStream => ({
  ...{ index, codec: 'aac', channels: 2, sample_rate: 48_000, default: false },
  ...(language ? { language } : {}),
  ...more,
});
/** English twice, a German default, and one that nobody tagged. */
const audio = [
  track(1, 'eng'),
  track(2, 'ger', { default: true }),
  track(3, 'eng', { title: 'Commentary' }),
  track(4),
];

const plan = (profile: ProfileName, options: EncodingOptions = {}, media: Partial<MediaInfo> = {}) => {
  const { video: _, ...rest } = media;
  return Plan.parse(
    JSON.parse(JSON.stringify(planJob(sampleMedia({ audio, ...rest }), { profile, options }))),
  );
};
/** The default track's stream, then the others by name. */
const tracks = ({ audio: main, audio_alternates = [] }: Plan) => [
  main?.stream_index,
  ...audio_alternates.map(({ name, stream_index }) => `${name}: ${stream_index}`),
];

test('default: the default track alone, and nothing about others in the plan', (t) => {
  const made = plan('default');
  t.deepEqual(tracks(made), [2]);
  t.false('audio_alternates' in made);
  t.deepEqual(made.skipped, []);
});

test('web, hevc, av1: one track of each tagged language beside the default', (t) => {
  for (const profile of ['web', 'hevc', 'av1'] as const)
    t.deepEqual(tracks(plan(profile)), [2, 'audio-en: 1'], profile);
});

test('all: every track, the default first, names that are used once', (t) => {
  const made = plan('default', { audio_languages: 'all' });
  t.deepEqual(tracks(made), [2, 'audio-en: 1', 'audio-en-2: 3', 'audio-und: 4']);
  t.is(made.audio_alternates?.[1]?.title, 'Commentary');
});

test('a list: all tracks of these languages, the first language as the default, by two or three letters', (t) => {
  t.deepEqual(tracks(plan('default', { audio_languages: ['en', 'de'] })), [
    1,
    'audio-en-2: 3',
    'audio-de: 2',
  ]);
  t.deepEqual(tracks(plan('web', { audio_languages: ['deu'] })), [2]);
});

test('a language that is not there is left out with the reason; where none is there the default is taken', (t) => {
  const made = plan('default', { audio_languages: ['fr', 'en'] });
  t.deepEqual(tracks(made), [1, 'audio-en-2: 3']);
  t.deepEqual(made.skipped, [
    { output: 'audio-fr', reason: 'The source has no sound that is tagged as French' },
  ]);
  t.deepEqual(tracks(plan('default', { audio_languages: ['fr'] })), [2]);
});

test('a track that cannot be decoded is left out with the reason', (t) => {
  const media = { undecodable_audio: [{ index: 5, language: 'fra', reason: 'unknown codec' }] };
  const reason = /cannot be used: unknown codec/;
  const asked = plan('default', { audio_languages: ['fr', 'en'] }, media);
  t.regex(asked.skipped.find(({ output }) => output === 'audio-fr')?.reason ?? '', reason);
  const all = plan('default', { audio_languages: 'all' }, media);
  t.regex(all.skipped.find(({ output }) => output === 'audio-fr-stream-5')?.reason ?? '', reason);
  t.deepEqual(
    plan('web', {}, media).skipped.filter(({ output }) => output.startsWith('audio')),
    [],
  );
});

test('each track has no more bits and channels than its own stream', (t) => {
  const made = plan(
    'default',
    { audio_languages: 'all' },
    {
      audio: [
        track(1, 'eng', { bitrate: 64_000 }),
        track(2, 'deu', { channels: 1 }),
        track(3, 'fra', { channels: 6 }),
      ],
    },
  );
  t.like(made.audio, { bitrate: 64_000, channels: 2 });
  t.like(made.audio_alternates?.[0], { bitrate: 64_000, channels: 1 });
  t.like(made.audio_alternates?.[1], { bitrate: 128_000, channels: 2 });
});
