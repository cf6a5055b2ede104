import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { Outputs } from '@transcodeflow/shared/contracts/outputs.ts';
import { profileOf } from '@transcodeflow/shared/profiles/profiles.ts';

/**
 * The `outputs` of the contract, one row per output, each available with its URLs or unavailable with the reason.
 * @param base absolute URL under which the job's outputs are served, without a trailing slash
 */
export function presentOutputs(document: JobDocument, base: string): Record<string, unknown> {
  const { outputs } = document;
  if (!outputs) return pending(document);
  const url = (path: string) => `${base}/${path.split('/').map(encodeURIComponent).join('/')}`;
  return {
    ...Object.fromEntries(
      Object.entries(outputs.renditions).map(([name, output]) => [name, withUrl(output, url)]),
    ),
    audio: withUrl(outputs.audio, url),
    ...Object.fromEntries(
      Object.entries(outputs.audio_tracks ?? {}).map(([name, track]) => [name, withUrl(track, url)]),
    ),
    transcription: transcription(outputs, url),
    hls: hls(outputs.hls, url),
    dash: dash(outputs.dash, url),
    subtitles: subtitles(outputs.subtitles, url),
    thumbnail: withUrl(outputs.thumbnail, url),
    storyboard: storyboard(outputs, url),
    preview: outputs.preview
      ? withUrl(outputs.preview, url)
      : { available: false, reason: 'The job was done before there were previews' },
  };
}

type Url = (path: string) => string;

function withUrl<T extends { available: boolean }>(output: T | (T & { path: string }), url: Url): object {
  if (!('path' in output)) return output;
  const { path, ...rest } = output;
  return { ...rest, download_url: url(path) };
}

function transcription({ transcription: output, files }: Outputs, url: Url): object {
  if (!output.available) return output;
  return {
    ...output,
    size_bytes: sizeOf(files, Object.values(output.formats)),
    formats: Object.fromEntries(Object.entries(output.formats).map(([format, path]) => [format, url(path)])),
  };
}

function hls(output: Outputs['hls'], url: Url): object {
  if (!output.available) return output;
  const { variants, master, ...rest } = output;
  const rows = Object.entries(variants).map(([name, variant]) => {
    if (!variant.available) return [name, variant];
    const { playlist, ...figures } = variant;
    return [name, { ...figures, playlist_url: url(playlist) }];
  });
  return { ...rest, master_url: url(master), ...Object.fromEntries(rows) };
}

function dash(output: Outputs['dash'], url: Url): object {
  if (!output) return { available: false, reason: 'The job was done before there was DASH' };
  if (!output.available) return output;
  const { manifest, ...rest } = output;
  return { ...rest, manifest_url: url(manifest) };
}

function subtitles(output: Outputs['subtitles'], url: Url): object {
  if (!output) return { available: false, reason: 'The job was done before there were subtitles' };
  if (!output.available) return output;
  const rows = Object.entries(output.tracks).map(([name, track]) => {
    if (!track.available) return [name, track];
    const { path, playlist, ...rest } = track;
    return [name, { ...rest, download_url: url(path), playlist_url: url(playlist) }];
  });
  return { available: true, tracks: Object.fromEntries(rows) };
}

function storyboard({ storyboard: output, files }: Outputs, url: Url): object {
  if (!output.available) return output;
  const { image, vtt, ...rest } = output;
  const size_bytes = sizeOf(files, [image, vtt]);
  return { ...rest, size_bytes, image_url: url(image), vtt_url: url(vtt) };
}

/** Of several files together, in bytes. */
const sizeOf = (files: Outputs['files'], paths: readonly string[]): number =>
  paths.reduce((sum, path) => sum + (files[path]?.size_bytes ?? 0), 0);

/** What a profile makes of a large source, as far as it can be said before the source was inspected. */
const rungsOf = (profile: string): string[] =>
  (profileOf(profile)?.video?.ladder ?? []).map(({ short_side }) => `${short_side}p`);

/** Before there are outputs every row is there, so that a client can ask for `available` at any time. */
function pending(document: JobDocument): Record<string, unknown> {
  const reason = document.error?.message ?? `The job is ${document.status}`;
  const renditions = document.planned.length > 0 ? document.planned : rungsOf(document.profile);
  const names = [
    ...renditions,
    'audio',
    'transcription',
    'hls',
    'dash',
    'subtitles',
    'thumbnail',
    'storyboard',
    'preview',
  ];
  return Object.fromEntries(names.map((name) => [name, { available: false, reason }]));
}
