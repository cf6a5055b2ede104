import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findMediaTools } from '@transcodeflow/processors/ffmpeg/find-media-tools.ts';
import test from 'ava';
import { createApi } from '../systems/api.ts';
import { findBrowser } from '../systems/browser.ts';
import { startEmbedded } from '../systems/embedded.ts';
import { playInBrowser } from '../systems/play-in-browser.ts';

const SAMPLE = fileURLToPath(new URL('../../samples/bunny-with-reading.mp4', import.meta.url));
const HLS = fileURLToPath(import.meta.resolve('hls.js/dist/hls.min.js'));
const DASH = fileURLToPath(import.meta.resolve('dashjs')).replace('/esm/', '/umd/');

/**
 * A player as a site would have it: no API key, another origin. It plays, seeks to just where segments begin (a picture
 * that lay elsewhere would be a hole there), plays to the end, and tells what it saw.
 */
const page = (player: string, endsBySeek: boolean) => `<!doctype html><video muted playsinline></video>
<script src="/player.js"></script><script>
  const video = document.querySelector('video');
  const errors = [];
  const goals = [4, 8];
  const landed = [];
  const tell = (seen) => fetch('/seen', { method: 'POST', body: JSON.stringify({ errors, ...seen }) });
  window.addEventListener('error', ({ message }) => tell({ fatal: message }));
  // The first seek leads to just before a cue, which has to be there by then.
  const hasCues = () => [...video.textTracks].some((track) => track.cues?.length > 0);
  video.addEventListener('timeupdate', () => {
    const hasLanded = landed.length + goals.length === 2;
    if (hasLanded && goals.length > 0 && video.currentTime > (landed.at(-1) ?? 0) + 0.5 && hasCues())
      video.currentTime = goals.shift();
  });
  // Where sound goes on for a part of a frame after the last picture, dash.js may seek to the end again and again instead
  // of letting the element end (Dash-Industry-Forum/dash.js, issue 4881): there it has played to its end as well.
  const isAtEnd = () => ${endsBySeek} && goals.length === 0 && video.currentTime >= video.duration - 0.02;
  const ended = (tellMore) => {
    video.addEventListener('ended', tellMore);
    video.addEventListener('seeked', () => isAtEnd() && tellMore());
  };
  // Players begin by a seek to the first picture.
  video.addEventListener('seeked', () => video.currentTime > 1 && !isAtEnd() && landed.push(video.currentTime));
  const cues = [];
  const watch = ({ track }) => track.addEventListener('cuechange', () => {
    for (const { text, startTime } of track.activeCues ?? [])
      cues.push({ track: track.label, text, late: video.currentTime - startTime });
  });
  video.textTracks.addEventListener('addtrack', watch);
  const about = () => ({
    cues,
    landed, begins: video.buffered.length > 0 ? video.buffered.start(0) : undefined, ended: video.currentTime, width: video.videoWidth,
  });
  setTimeout(() => tell({ fatal: 'stuck', ...about(), paused: video.paused, seeking: video.seeking, goals }), 100_000);
  ${player}
</script>`;

interface Shown {
  track: string;
  text: string;
  /** Seconds after its beginning. */
  late: number;
}

/** Ten seconds of a reading, with subtitles. */
async function subtitled(folder: string): Promise<string> {
  const { ffmpeg } = await findMediaTools();
  const [srt, file] = [join(folder, 'de.srt'), join(folder, 'ten.mkv')];
  await writeFile(srt, '1\n00:00:04,100 --> 00:00:05,000\nGuten Tag\n');
  await promisify(execFile)(ffmpeg, [
    ...[
      '-v',
      'error',
      '-y',
      '-t',
      '10',
      '-i',
      SAMPLE,
      '-i',
      srt,
      '-map',
      '0:v',
      '-map',
      '0:a',
      '-map',
      '1:s',
    ],
    ...['-vf', 'scale=640:360', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:s', 'srt'],
    ...['-metadata:s:s:0', 'language=ger', file],
  ]);
  return file;
}

const hlsPlayer = (url: string) => `
  const hls = new Hls();
  hls.on(Hls.Events.ERROR, (_, { type, details, fatal }) => {
    errors.push(details);
    if (fatal) tell({ fatal: type });
  });
  const show = (name) => { hls.subtitleTrack = hls.subtitleTracks.findIndex((track) => track.name === name); };
  for (const moment of ['playing', 'seeked'])
    video.addEventListener(moment, () => show(landed.length < 2 ? 'German' : 'English (automatic)'));
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  ended(() => tell({
    ...about(), levels: hls.levels.length, texts: hls.subtitleTracks.map(({ name, lang }) => name + ' ' + lang),
  }));
  hls.loadSource(${JSON.stringify(url)});
  hls.attachMedia(video);`;

const dashPlayer = (url: string) => `
  const player = dashjs.MediaPlayer().create();
  player.on('error', ({ error }) => { errors.push(error.message); tell({ fatal: error.code }); });
  for (const event of ['gapCausedInternalSeek', 'gapCausedSeekToPeriodEnd'])
    player.on(event, () => errors.push(event));
  ended(() => tell({
    ...about(), duration: player.duration(),
    levels: player.getTracksFor('video').flatMap(({ bitrateList }) => bitrateList).length,
    texts: player.getTracksFor('text').map(({ labels, lang }) => labels.map(({ text }) => text).join() + ' ' + lang),
    sounds: player.getTracksFor('audio').length,
  }));
  player.updateSettings({ streaming: { text: { defaultEnabled: true } } });
  player.initialize(video, ${JSON.stringify(url)}, true);`;

test('signed URLs play in a browser with hls.js and dash.js: seeking, subtitles and captions, without a key', async (t) => {
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
  const { job_id } = (await api.upload(await subtitled(folder))).body;
  const job = await api.finished(job_id);
  t.like(job, { status: 'completed', outputs: { transcription: { available: true } } });
  const { download_url } = job.outputs.subtitles.tracks['subtitles-de'];
  t.regex(await (await api.fetch('GET', download_url)).text(), /^WEBVTT\n[\s\S]*Guten Tag/);
  const { body: playback } = await api.call('GET', `/api/jobs/${job_id}/playback`);
  t.is((await fetch(playback.dash_url)).headers.get('content-type'), 'application/dash+xml');

  for (const [name, player, library] of [
    ['hls.js', hlsPlayer(playback.hls_url), HLS],
    ['dash.js', dashPlayer(playback.dash_url), DASH],
  ] as const) {
    const what = await playInBrowser(t, browser, page(player, name === 'dash.js'), library);
    t.log(name, what);
    t.is(what.fatal, undefined);
    t.deepEqual(what.errors, [], 'no hole is stepped over either');
    t.deepEqual((what.landed as number[]).map(Math.floor), [4, 8]);
    // Matroska's clock has milliseconds, and may begin some before the first picture.
    t.true(Number(what.begins) < 0.01);
    t.like(what, { width: 640, levels: 1 });
    t.true(Number(what.ended) > 9.8, 'played to its end');
    t.deepEqual(what.texts, ['German de', 'English (automatic) en']);
    const cues = what.cues as Shown[];
    const german = cues.find(({ text }) => text === 'Guten Tag');
    // Chromium tells of a cue within a quarter of a second; a seek may land within one.
    t.true(german !== undefined && german.late >= 0 && german.late < 0.5, JSON.stringify(cues));
    // A transcript is not the same on every machine: that its cues come when they should is what counts.
    const spoken = cues.filter(({ track }) => track === 'English (automatic)');
    if (name === 'hls.js')
      t.true(
        spoken.some(({ late }) => late >= 0 && late < 0.5),
        JSON.stringify(cues),
      );
  }
});
