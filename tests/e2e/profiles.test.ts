import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { averageColour, loudnessOf, type Probed, probe } from '../media/probe.ts';
import { type Api, createApi } from '../systems/api.ts';
import { type EmbeddedSystem, startEmbedded } from '../systems/embedded.ts';

let system: EmbeddedSystem;
let api: Api;
let folder: string;
/** 2.4 s of 854x480 with a tone, and of 480x854 without. */
const clips = { wide: '', tall: '' };

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transcodeflow-profiles-'));
  clips.wide = await makeVideo(join(folder, 'wide.mp4'), { seconds: 2.4, size: '854x480' });
  clips.tall = await makeVideo(join(folder, 'tall.mp4'), { seconds: 2.4, size: '480x854', silent: true });
  system = await startEmbedded();
  api = createApi(system);
});
test.after.always(async () => {
  await system?.close();
  await rm(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: an answer of the API, looked into field by field
type Json = any;

/** Uploads, waits, and insists on success. */
async function made(file: string, options: object): Promise<Json> {
  const { status, body } = await api.upload(file, { options });
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  const job = await api.finished(body.job_id);
  if (job.status !== 'completed') throw new Error(JSON.stringify(job.error));
  return job;
}

async function saved(url: string, name: string): Promise<string> {
  const file = join(await mkdtemp(join(folder, 'saved-')), name);
  await writeFile(file, Buffer.from(await (await api.fetch('GET', url)).arrayBuffer()));
  return file;
}
const probed = async (output: Json): Promise<Probed> => probe(await saved(output.download_url, 'output.mp4'));
const master = async (hls: Json): Promise<string> => (await api.fetch('GET', hls.master_url)).text();
/** Rows that are renditions and there. */
const rungs = (outputs: Json): string[] =>
  Object.keys(outputs).filter((name) => /^\d+p$/.test(name) && outputs[name].available);

test.serial('the profiles are listed, each with what it makes', async (t) => {
  const { status, body } = await api.call('GET', '/api/profiles');
  t.is(status, 200);
  t.deepEqual(
    body.profiles.map(({ name }: Json) => name),
    ['default', 'web', 'hevc', 'av1', 'audio-only', 'archive'],
  );
  t.deepEqual(
    body.profiles[1].video.ladder.map(({ short_side }: Json) => short_side),
    [240, 360, 480, 720, 1080, 1440, 2160],
  );
  t.is((await api.call('GET', '/api/profiles', { headers: { 'X-API-Key': 'wrong' } })).status, 401);
});

test.serial('web: every rung up to the source, in H.264', async (t) => {
  const { outputs } = await made(clips.tall, { profile: 'web' });
  t.deepEqual(rungs(outputs), ['240p', '360p', '480p']);
  t.regex(outputs['2160p'].reason, /never scaled up/);
  t.like((await probed(outputs['480p'])).video, { codec_name: 'h264', width: 480, height: 854 });
  const playlist = await master(outputs.hls);
  for (const kind of ['STREAM-INF', 'I-FRAME-STREAM-INF'])
    t.is(
      playlist.match(new RegExp(`#EXT-X-${kind}:.*CODECS="avc1\\.[0-9a-f]{6}[",]`, 'g'))?.length,
      3,
      playlist,
    );
});

test.serial('hevc: hvc1 in the files and in the playlist', async (t) => {
  const { outputs } = await made(clips.wide, { profile: 'hevc', renditions: [240] });
  t.deepEqual(rungs(outputs), ['240p']);
  const { video, audio } = await probed(outputs['240p']);
  t.like(video, { codec_name: 'hevc', codec_tag_string: 'hvc1', height: 240 });
  t.is(audio?.codec_name, 'aac');
  t.true(outputs['240p'].quality.ssim > 0.9);
  t.regex(await master(outputs.hls), /CODECS="hvc1\.1\.6\.L\d+\.90,mp4a\.40\.2"/);
});

test.serial('a codec of its own: the default in HEVC', async (t) => {
  const { outputs } = await made(clips.wide, { codec: 'hevc', renditions: [240], captions: false });
  t.like((await probed(outputs['240p'])).video, {
    codec_name: 'hevc',
    codec_tag_string: 'hvc1',
    height: 240,
  });
});

test.serial('av1: av01 in the files and in the playlist', async (t) => {
  const { outputs } = await made(clips.wide, { profile: 'av1', renditions: [240] });
  t.like((await probed(outputs['240p'])).video, { codec_name: 'av1', codec_tag_string: 'av01', height: 240 });
  t.true(outputs['240p'].quality.ssim > 0.9);
  t.regex(await master(outputs.hls), /CODECS="av01\.0\.\d\dM\.08,mp4a\.40\.2"/);
});

test.serial('archive: one rendition of the size of the source, better than the default', async (t) => {
  const { outputs } = await made(clips.wide, { profile: 'archive', captions: false });
  t.deepEqual(rungs(outputs), ['480p']);
  t.like((await probed(outputs['480p'])).video, { codec_name: 'h264', width: 854, height: 480 });
  t.true(outputs['480p'].quality.psnr > 38, JSON.stringify(outputs['480p'].quality));
});

test.serial('audio-only: the sound as a file and as HLS, no pictures', async (t) => {
  const { outputs } = await made(clips.wide, { profile: 'audio-only' });
  t.deepEqual(rungs(outputs), []);
  t.false(outputs.thumbnail.available || outputs.storyboard.available);
  const { video, audio } = await probed(outputs.audio);
  t.is(video, undefined);
  t.like(audio, { codec_name: 'aac', channels: 1 });
  t.regex(await master(outputs.hls), /#EXT-X-STREAM-INF:.*CODECS="mp4a\.40\.2".*\naudio\/playlist\.m3u8/);
});

test.serial('audio-only of a silent source fails and says why', async (t) => {
  const { body } = await api.upload(clips.tall, { options: { profile: 'audio-only' } });
  const job = await api.finished(body.job_id);
  t.is(job.status, 'failed');
  t.like(job.error, { code: 'no_audio_stream' });
});

test.serial('options: what is switched off is not made, and says so', async (t) => {
  const options = { renditions: [360, 1080, 144], hls: false, quality: false, captions: false };
  const { outputs } = await made(clips.wide, options);
  t.deepEqual(rungs(outputs), ['144p', '360p']);
  t.like(outputs['1080p'], { available: false, reason: 'The source is 854x480: video is never scaled up' });
  t.is(outputs['360p'].quality, undefined);
  t.like(outputs.hls, { available: false, reason: 'The job was asked for with "hls": false' });
  t.like(outputs.transcription, { available: false, reason: 'The job was asked for with "captions": false' });
  t.like((await probed(outputs['144p'])).video, { width: 256, height: 144 });
});

test.serial('options: crf, preset and the cap of the rate reach the encoder', async (t) => {
  const lean = { renditions: [360], hls: false, quality: false, captions: false };
  const rate = async (options: object) =>
    (await made(clips.wide, { ...lean, ...options })).outputs['360p'].bitrate;
  const good = await rate({ crf: 18 });
  const poor = await rate({ crf: 40 });
  t.true(poor < good / 3, `${poor} is far below ${good}`);
  const capped = await rate({ crf: 18, max_bitrate: 300_000 });
  t.true(capped < good / 1.5, `${capped} is below ${good}`);
  const { video } = await probed((await made(clips.wide, { ...lean, preset: 'ultrafast' })).outputs['360p']);
  t.like(video, { has_b_frames: 0 });
});

test.serial('options: the poster is the frame of its instant, and the last one beyond the end', async (t) => {
  // One second each of red, green and blue.
  const file = join(folder, 'colours.mp4');
  const colours = ['red', 'lime', 'blue'].map(
    (colour, index) => `color=${colour}:size=320x180:rate=25:duration=1[c${index}]`,
  );
  await makeVideo(file, { silent: true, picture: `${colours.join(';')};[c0][c1][c2]concat=n=3` });
  const lean = { hls: false, quality: false };
  const poster = async (poster_time_s: number) =>
    averageColour(
      await saved((await made(file, { ...lean, poster_time_s })).outputs.thumbnail.download_url, 'p.jpg'),
    );
  const strongest = (colour: number[]) => colour.indexOf(Math.max(...colour));
  t.is(strongest(await poster(0)), 0);
  t.is(strongest(await poster(1.5)), 1);
  t.is(strongest(await poster(3_600)), 2);
});

test.serial('options: the loudness is what was asked for', async (t) => {
  const lean = { profile: 'audio-only', hls: false, captions: false };
  for (const target_lufs of [-14, -28]) {
    const { outputs } = await made(clips.wide, { ...lean, loudness: { target_lufs } });
    const loudness = await loudnessOf(await saved(outputs.audio.download_url, 'audio.m4a'));
    t.true(Math.abs(loudness - target_lufs) < 1, `${loudness} LUFS for ${target_lufs}`);
  }
});

test.serial('options that are out of bounds or not known are refused', async (t) => {
  for (const options of [
    { profile: 'cinema' },
    { renditions: [] },
    { renditions: [361] },
    { renditions: [360, 360] },
    { renditions: [4320] },
    { crf: 0 },
    { max_bitrate: 1 },
    { preset: 'placebo' },
    { poster_time_s: -1 },
    { loudness: { target_lufs: 0 } },
    { trim: { start_s: 5, end_s: 2 } },
  ])
    t.is((await api.upload(clips.wide, { options })).status, 400, JSON.stringify(options));
});
