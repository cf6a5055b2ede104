import type { ExecutionContext } from 'ava';
import type { Api } from '../../systems/api.ts';
import { playlistLinks } from './playlist-links.ts';

// biome-ignore lint/suspicious/noExplicitAny: an answer of the API, looked into field by field
type Json = any;

/** Every row of `outputs` in the contract, for a source of at least 720p with sound; returns the transcript's text. */
export async function checkFullPackage(
  t: ExecutionContext,
  api: Api,
  job: Json,
): Promise<string | undefined> {
  const { outputs } = job;
  t.is(job.status, 'completed', JSON.stringify(job.error));
  t.is(job.progress, 100);
  for (const [name, shortSide] of [
    ['360p', 360],
    ['720p', 720],
  ] as const) {
    const output = outputs[name];
    t.true(output.available, name);
    t.is(Math.min(output.width, output.height), shortSide);
    t.true(
      output.bitrate > 0 && output.quality.ssim > 0.9 && output.quality.psnr > 25,
      JSON.stringify(output),
    );
    t.true(Math.abs(output.compression_ratio - output.size_bytes / job.source.size_bytes) < 1e-9);
    const download = await api.fetch('GET', output.download_url);
    const bytes = Buffer.from(await download.arrayBuffer());
    t.is(bytes.length, output.size_bytes);
    t.is(bytes.toString('latin1', 4, 8), 'ftyp');
    const part = await api.fetch('GET', output.download_url, { headers: { Range: 'bytes=4-7' } });
    t.is(part.status, 206);
    t.is(part.headers.get('content-range'), `bytes 4-7/${output.size_bytes}`);
    t.is(await part.text(), 'ftyp');
  }
  t.true(outputs['360p'].compression_ratio < 1);
  t.true(outputs.audio.available && outputs.audio.bitrate > 0);
  t.is(
    (await api.fetch('HEAD', outputs.audio.download_url)).headers.get('content-length'),
    String(outputs.audio.size_bytes),
  );
  await checkHls(t, api, outputs.hls);
  t.true(outputs.thumbnail.available);
  t.is((await api.fetch('GET', outputs.thumbnail.download_url)).headers.get('content-type'), 'image/jpeg');
  t.true(outputs.preview.available && outputs.preview.duration_s > 0);
  t.is((await api.fetch('GET', outputs.preview.download_url)).headers.get('content-type'), 'image/webp');
  t.true(outputs.storyboard.available && outputs.storyboard.tiles > 0 && outputs.storyboard.size_bytes > 0);
  t.regex(await (await api.fetch('GET', outputs.storyboard.vtt_url)).text(), /^WEBVTT[\s\S]*#xywh=/);
  return checkTranscription(t, api, outputs.transcription);
}

async function checkHls(t: ExecutionContext, api: Api, hls: Json): Promise<void> {
  t.true(hls.available);
  const master = await (await api.fetch('GET', hls.master_url)).text();
  t.regex(master, /#EXT-X-STREAM-INF:.*RESOLUTION=1280x720/);
  for (const name of ['360p', '720p']) {
    t.true(hls[name].available && hls[name].segments_count > 0, name);
    t.true(playlistLinks(master, hls.master_url).includes(hls[name].playlist_url));
    const playlist = await (await api.fetch('GET', hls[name].playlist_url)).text();
    const links = playlistLinks(playlist, hls[name].playlist_url);
    t.is(links.filter((link) => link.endsWith('.m4s')).length, hls[name].segments_count);
    for (const link of links) {
      const answer = await api.fetch('GET', link);
      t.is(answer.status, 200, link);
      t.true((await answer.arrayBuffer()).byteLength > 0, link);
    }
  }
}

async function checkTranscription(
  t: ExecutionContext,
  api: Api,
  transcription: Json,
): Promise<string | undefined> {
  if (!transcription.available) {
    t.truthy(transcription.reason);
    return undefined;
  }
  t.is(transcription.language, 'en');
  t.true(transcription.size_bytes > 0);
  const text = async (format: string) => (await api.fetch('GET', transcription.formats[format])).text();
  t.regex(await text('srt'), /^1\r?\n00:00:\d\d,\d{3} --> /);
  t.regex(await text('vtt'), /^WEBVTT/);
  t.true(JSON.parse(await text('json')).segments.length > 0);
  return text('txt');
}
