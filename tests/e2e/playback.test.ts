import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { createApi } from '../systems/api.ts';
import { findBrowser } from '../systems/browser.ts';
import { startEmbedded } from '../systems/embedded.ts';

const HLS = fileURLToPath(import.meta.resolve('hls.js/dist/hls.min.js'));
const DEADLINE_MS = 60_000;

/** A player as a site would have it: no API key, another origin. It plays two seconds, seeks, and tells what it saw. */
const page = (
  url: string,
) => `<!doctype html><video muted playsinline></video><script src="/hls.js"></script><script>
  const video = document.querySelector('video');
  const errors = [];
  const tell = (seen) => fetch('/seen', { method: 'POST', body: JSON.stringify({ errors, ...seen }) });
  const hls = new Hls();
  hls.on(Hls.Events.ERROR, (_, { type, details, fatal }) => {
    errors.push(details);
    if (fatal) tell({ fatal: type });
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  // To just where segments begin: a picture that lay elsewhere would be a hole there.
  const goals = [4, 8];
  const landed = [];
  video.addEventListener('timeupdate', () => {
    const hasLanded = landed.length + goals.length === 2;
    if (hasLanded && goals.length > 0 && video.currentTime > (landed.at(-1) ?? 0) + 0.5)
      video.currentTime = goals.shift();
  });
  video.addEventListener('seeked', () => landed.push(video.currentTime));
  video.addEventListener('ended', () =>
    tell({ landed, begins: video.buffered.start(0), ended: video.currentTime, width: video.videoWidth, tracks: hls.subtitleTracks.length, levels: hls.levels.length }));
  hls.loadSource(${JSON.stringify(url)});
  hls.attachMedia(video);
</script>`;

test('a signed URL plays in a browser with hls.js, from another origin and without a key', async (t) => {
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

  const seen = Promise.withResolvers<Record<string, unknown>>();
  const site = createServer(async (request, response) => {
    if (request.url === '/hls.js') return response.end(await readFile(HLS));
    if (request.url === '/seen') {
      seen.resolve(JSON.parse(await text(request)));
      return response.end();
    }
    response.setHeader('Content-Type', 'text/html').end(page(playback.hls_url));
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.teardown(() => {
    site.closeAllConnections();
    site.close();
  });
  const child = spawn(
    browser,
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
      ...[`--user-data-dir=${folder}/profile`, `http://127.0.0.1:${(site.address() as AddressInfo).port}/`],
    ],
    { stdio: 'ignore', detached: true },
  );
  t.teardown(async () => {
    const closed = once(child, 'close');
    // The browser is a family of processes.
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
    await closed;
  });
  const timer = setTimeout(() => seen.reject(new Error('The player told nothing in time')), DEADLINE_MS);
  const what = await seen.promise.finally(() => clearTimeout(timer));
  t.log(what);
  t.is(what.fatal, undefined);
  t.deepEqual(what.errors, [], 'no bufferSeekOverHole either');
  t.deepEqual((what.landed as number[]).map(Math.floor), [4, 8]);
  t.is(what.begins, 0);
  t.like(what, { width: 640, levels: 1 });
  t.true(Number(what.ended) > 9.8, 'played to its end');
});
