import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { createApi } from '../systems/api.ts';
import { findBrowser } from '../systems/browser.ts';
import { startEmbedded } from '../systems/embedded.ts';
import { playInBrowser } from '../systems/play-in-browser.ts';

const HLS = fileURLToPath(import.meta.resolve('hls.js/dist/hls.min.js'));
const DASH = fileURLToPath(import.meta.resolve('dashjs')).replace('/esm/', '/umd/');

/**
 * A player as a site would have it: no API key, another origin. It plays, seeks to just where segments begin (a picture
 * that lay elsewhere would be a hole there), plays to the end, and tells what it saw.
 */
const page = (player: string) => `<!doctype html><video muted playsinline></video>
<script src="/player.js"></script><script>
  const video = document.querySelector('video');
  const errors = [];
  const goals = [4, 8];
  const landed = [];
  const tell = (seen) => fetch('/seen', { method: 'POST', body: JSON.stringify({ errors, ...seen }) });
  video.addEventListener('timeupdate', () => {
    const hasLanded = landed.length + goals.length === 2;
    if (hasLanded && goals.length > 0 && video.currentTime > (landed.at(-1) ?? 0) + 0.5)
      video.currentTime = goals.shift();
  });
  video.addEventListener('seeked', () => landed.push(video.currentTime));
  const about = () => ({
    landed, begins: video.buffered.start(0), ended: video.currentTime, width: video.videoWidth,
  });
  ${player}
</script>`;

const hlsPlayer = (url: string) => `
  const hls = new Hls();
  hls.on(Hls.Events.ERROR, (_, { type, details, fatal }) => {
    errors.push(details);
    if (fatal) tell({ fatal: type });
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  video.addEventListener('ended', () => tell({ ...about(), levels: hls.levels.length }));
  hls.loadSource(${JSON.stringify(url)});
  hls.attachMedia(video);`;

const dashPlayer = (url: string) => `
  const player = dashjs.MediaPlayer().create();
  player.on('error', ({ error }) => { errors.push(error.message); tell({ fatal: error.code }); });
  for (const event of ['gapCausedInternalSeek', 'gapCausedSeekToPeriodEnd'])
    player.on(event, () => errors.push(event));
  video.addEventListener('ended', () => tell({
    ...about(), duration: player.duration(),
    levels: player.getTracksFor('video').flatMap(({ bitrateList }) => bitrateList).length,
    sounds: player.getTracksFor('audio').length,
  }));
  player.initialize(video, ${JSON.stringify(url)}, true);`;

test('signed URLs play in a browser with hls.js and dash.js, from another origin and without a key', async (t) => {
  const browser = await findBrowser();
  if (!browser) {
    t.log('not run: there is no Chromium on this machine');
    t.pass();
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-playback-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const system = await startEmbedded();
  t.teardown(() => system.close());
  const api = createApi(system);
  const video = await makeVideo(join(folder, 'ten.mp4'), { seconds: 10, size: '640x360' });
  const { job_id } = (await api.upload(video)).body;
  t.is((await api.finished(job_id)).status, 'completed');
  const { body: playback } = await api.call('GET', `/api/jobs/${job_id}/playback`);
  t.is((await fetch(playback.dash_url)).headers.get('content-type'), 'application/dash+xml');

  for (const [name, player, library] of [
    ['hls.js', hlsPlayer(playback.hls_url), HLS],
    ['dash.js', dashPlayer(playback.dash_url), DASH],
  ] as const) {
    const what = await playInBrowser(t, browser, page(player), library);
    t.log(name, what);
    t.is(what.fatal, undefined);
    t.deepEqual(what.errors, [], 'no hole is stepped over either');
    t.deepEqual((what.landed as number[]).map(Math.floor), [4, 8]);
    t.is(what.begins, 0);
    t.like(what, { width: 640, levels: 1 });
    t.true(Number(what.ended) > 9.8, 'played to its end');
  }
});
