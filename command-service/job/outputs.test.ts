import { sampleMedia } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import { type Story, story, withThumbnail } from './testing/job-story.ts';

const outputsOf = ({ events }: Story) => {
  const done = events.at(-1);
  if (done?.type !== 'JobCompleted') throw new Error(`the job ended with ${done?.type}`);
  return done.data.outputs;
};
const finish = (begun: Story) => outputsOf(begun.succeed('encode').succeed('package').succeed('verify'));
const attempt = (task: string) => `jobs/019b7a11-7000-7000-8000-00000000000a/tasks/${task}/1-worker-1`;

test('a full job has every output, each with its object', (t) => {
  const outputs = finish(story(withThumbnail).succeed('inspect').succeed('thumbnail').succeed('transcribe'));
  t.deepEqual(outputs.renditions['720p'], {
    available: true,
    path: '720p.mp4',
    size_bytes: 2_000_000,
    width: 1280,
    height: 720,
    bitrate: 1_600_000,
    duration_s: 10,
    codec: 'h264',
    compression_ratio: 0.2,
    quality: { ssim: 0.98, psnr: 41, sampled_s: 4 },
  });
  t.like(outputs.audio, { available: true, path: 'audio.m4a', size_bytes: 160_000, channels: 2 });
  t.like(outputs.transcription, {
    available: true,
    language: 'en',
    formats: { txt: 'transcript.txt', srt: 'transcript.srt', vtt: 'transcript.vtt', json: 'transcript.json' },
  });
  t.deepEqual(outputs.hls, {
    available: true,
    master: 'hls/master.m3u8',
    size_bytes: 2_100_000,
    variants: {
      '360p': { available: true, playlist: 'hls/360p/index.m3u8', segments_count: 3 },
      '720p': { available: true, playlist: 'hls/720p/index.m3u8', segments_count: 3 },
    },
  });
  t.deepEqual(outputs.dash, { available: true, manifest: 'hls/manifest.mpd', size_bytes: 2_050_000 });
  t.like(outputs.thumbnail, { available: true, path: 'thumbnail.jpg', custom: true, width: 1280 });
  t.deepEqual(outputs.storyboard, {
    available: true,
    image: 'storyboard.jpg',
    vtt: 'storyboard.vtt',
    tiles: 10,
  });
  t.deepEqual(Object.fromEntries(Object.entries(outputs.files).map(([path, { key }]) => [path, key])), {
    '360p.mp4': `${attempt('encode')}/360p.mp4`,
    '720p.mp4': `${attempt('encode')}/720p.mp4`,
    'audio.m4a': `${attempt('encode')}/audio.m4a`,
    'storyboard.jpg': `${attempt('encode')}/storyboard.jpg`,
    'storyboard.vtt': `${attempt('encode')}/storyboard.vtt`,
    'thumbnail.jpg': `${attempt('thumbnail')}/thumbnail.jpg`,
    'transcript.json': `${attempt('transcribe')}/t.json`,
    'transcript.srt': `${attempt('transcribe')}/t.srt`,
    'transcript.txt': `${attempt('transcribe')}/t.txt`,
    'transcript.vtt': `${attempt('transcribe')}/t.vtt`,
  });
  t.deepEqual(outputs.folders, { 'hls/': `${attempt('package')}/hls/` });
});

test('DASH without HLS: the segments are there, and HLS is said not to be wanted', (t) => {
  const outputs = finish(
    story({ options: { hls: false, dash: true } })
      .succeed('inspect')
      .succeed('transcribe'),
  );
  t.like(outputs.hls, { available: false, reason: 'The job was asked for with "hls": false' });
  t.like(outputs.dash, { available: true, manifest: 'hls/manifest.mpd' });
  t.deepEqual(outputs.folders, { 'hls/': `${attempt('package')}/hls/` });
});

test('subtitles of the source are files, and what cannot be text is said to be none', (t) => {
  const media = sampleMedia({
    subtitles: [
      { index: 2, codec: 'subrip', language: 'ger', text: true },
      { index: 3, codec: 'hdmv_pgs_subtitle', language: 'ger', text: false },
    ],
  });
  const outputs = finish(story({}, media).succeed('inspect').succeed('transcribe'));
  t.like(outputs.subtitles, {
    available: true,
    tracks: {
      'subtitles-de': {
        available: true,
        path: 'subtitles-de.vtt',
        playlist: 'hls/subtitles-de/playlist.m3u8',
        size_bytes: 300,
      },
      'subtitles-de-2': {
        available: false,
        reason: 'Subtitles that are pictures (hdmv_pgs_subtitle) cannot become text',
      },
    },
  });
  t.is(outputs.files['subtitles-de.vtt']?.key, `${attempt('package')}/hls/subtitles-de/text.vtt`);
  t.like(finish(story().succeed('inspect').succeed('transcribe')).subtitles, {
    available: false,
    reason: 'The source has no subtitles',
  });
});

test('without a thumbnail of the client the poster is one', (t) => {
  const outputs = finish(story().succeed('inspect').succeed('transcribe'));
  t.like(outputs.thumbnail, { available: true, custom: false, width: 1280, height: 720 });
  t.is(outputs.files['thumbnail.jpg']?.key, `${attempt('encode')}/poster.jpg`);
});

test('a thumbnail that cannot be read is replaced by the poster', (t) => {
  const outputs = finish(
    story(withThumbnail)
      .succeed('inspect')
      .succeed('transcribe')
      .fail('thumbnail', { retryable: false, message: 'The image is damaged' }),
  );
  t.like(outputs.thumbnail, { available: true, custom: false });
});

test('what the source cannot have is there as unavailable, with the reason', (t) => {
  const media = sampleMedia({ audio: [], video: { width: 640, height: 480 } });
  const outputs = finish(story({}, media).succeed('inspect'));
  const reason = 'The source is 640x480: video is never scaled up';
  t.deepEqual(outputs.renditions['720p'], { available: false, reason });
  t.like(outputs.renditions['360p'], { available: true });
  t.like(outputs.hls, { variants: { '360p': { available: true }, '720p': { available: false, reason } } });
  t.deepEqual(outputs.audio, { available: false, reason: 'The source has no audio' });
  t.deepEqual(outputs.transcription, { available: false, reason: 'The source has no audio' });
  t.false('audio.m4a' in outputs.files);
});

test('a transcription that failed for good says why', (t) => {
  const outputs = finish(
    story()
      .succeed('inspect')
      .fail('transcribe', { retryable: false, message: 'The speech engine is not installed' }),
  );
  t.deepEqual(outputs.transcription, { available: false, reason: 'The speech engine is not installed' });
});

test('a transcription whose workers went away says so', (t) => {
  let running = story().succeed('inspect').start('transcribe');
  for (let loss = 1; loss <= 5; loss += 1)
    running = running.lose('transcribe').retry('transcribe').start('transcribe');
  const outputs = finish(running.lose('transcribe'));
  t.like(outputs.transcription, { available: false });
  t.regex(
    outputs.transcription.available ? '' : outputs.transcription.reason,
    /machines that ran it went away/,
  );
});
