import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { moving, openMediaMaker, tone } from '../inputs/make-media.ts';
import { makePicture } from '../media/make-video.ts';
import { createApi } from '../systems/api.ts';
import { findBrowser } from '../systems/browser.ts';
import { startEmbedded } from '../systems/embedded.ts';
import { playInBrowser } from '../systems/play-in-browser.ts';

const HLS = fileURLToPath(import.meta.resolve('hls.js/dist/hls.min.js'));

/** Plays a second, changes to the other language, and tells what was listed and what is heard two seconds later. */
const page = (url: string) => `<!doctype html><video muted playsinline></video>
<script src="/player.js"></script><script>
  const video = document.querySelector('video');
  const errors = [];
  const tell = (seen) => fetch('/seen', { method: 'POST', body: JSON.stringify({ errors, ...seen }) });
  const hls = new Hls();
  let fragments = 0;
  hls.on(Hls.Events.ERROR, (_, { type, details, fatal }) => {
    errors.push(details);
    if (fatal) tell({ fatal: type });
  });
  hls.on(Hls.Events.FRAG_BUFFERED, (_, { frag }) => {
    if (frag.type === 'audio' && hls.audioTrack === 1) fragments += 1;
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  video.addEventListener('timeupdate', () => {
    if (video.currentTime > 1 && hls.audioTrack === 0) hls.audioTrack = 1;
    if (video.currentTime > 3) tell({
      tracks: hls.audioTracks.map(({ lang, name, default: main }) => ({ lang, name, main })),
      heard: hls.audioTrack, fragments,
    });
  });
  hls.loadSource(${JSON.stringify(url)});
  hls.attachMedia(video);
</script>`;

test('two languages, a part and a watermark: rows, files, and a player that changes the language', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-tracks-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const media = await openMediaMaker(folder);
  const file = await media(
    ...[...moving('320x180', 7), ...tone(7, 330), ...tone(7, 990)],
    ...[
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '2',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p',
    ],
    ...['-c:a', 'aac', '-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=ger', 'two.mkv'],
  );
  const system = await startEmbedded();
  t.teardown(() => system.close());
  const api = createApi(system);
  const options = {
    ...{ profile: 'web', renditions: [180], captions: false, trim: { start_s: 1, end_s: 6 } },
    ...{ audio_languages: ['de', 'en', 'fr'], watermark: { width: 0.2, opacity: 0.5 } },
  };
  const watermark = await makePicture(join(folder, 'mark.png'), '80x40');
  const { status, body } = await api.upload(file, { options, watermark });
  t.is(status, 200, JSON.stringify(body));
  const job = await api.finished(body.job_id);
  t.is(job.status, 'completed', JSON.stringify(job.error));
  const { outputs } = job;
  t.true(Math.abs(outputs['180p'].duration_s - 5) < 0.1, String(outputs['180p'].duration_s));
  t.true(outputs['180p'].quality.ssim > 0.9);
  t.like(outputs.audio, { available: true, language: 'ger' });
  t.like(outputs['audio-de'], { available: true, default: true });
  t.like(outputs['audio-en'], { available: true, default: false });
  t.regex(outputs['audio-fr'].reason, /no sound that is tagged as French/);
  for (const name of ['audio-de', 'audio-en']) {
    t.true(outputs[name].download_url.endsWith(`/${name}.m4a`));
    t.is((await api.fetch('GET', outputs[name].download_url)).status, 200);
  }

  const browser = await findBrowser();
  if (!browser) return t.log('not played: there is no Chromium on this machine');
  const { body: playback } = await api.call('GET', `/api/jobs/${body.job_id}/playback`);
  const seen = await playInBrowser(t, browser, page(playback.hls_url), HLS);
  t.log(seen);
  t.is(seen.fatal, undefined);
  t.deepEqual(seen.tracks, [
    { lang: 'de', name: 'German', main: true },
    { lang: 'en', name: 'English', main: false },
  ]);
  t.is(seen.heard, 1);
  t.true(Number(seen.fragments) > 0, 'sound of the other language was buffered');
});
