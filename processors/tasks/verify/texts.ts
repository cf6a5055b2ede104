import { parseMediaPlaylist } from '../../ffmpeg/media-playlist.ts';
import { parseDashManifest } from '../../ffmpeg/parse-dash-manifest.ts';
import { parseVtt } from '../../ffmpeg/webvtt.ts';
import { readText } from '../read-text.ts';
import type { TaskContext } from '../task-handler.ts';
import { type Gate, seconds } from './gate.ts';

/** Of the sum of durations, and for cues at the very end. */
const WITHIN_S = 0.02;

/** Where the tracks are named. */
interface Listed {
  prefix: string;
  /** Playlists that the master playlist names. */
  playlists: readonly string[];
  manifest?: string | undefined;
}

/**
 * Each text track: listed by the manifests, its files there, its durations those of the video, its cues within.
 * @param wanted names of the tracks that were made @param duration_s of the longest media playlist
 */
export async function verifyTexts(
  { prefix, playlists, manifest }: Listed,
  wanted: readonly string[],
  duration_s: number,
  gate: Gate,
  context: TaskContext,
): Promise<void> {
  const names = playlists.map((path) => path.split('/')[0] ?? '');
  const same = (a: readonly string[]) => a.toSorted().join() === wanted.toSorted().join();
  const said = (listed: readonly string[]) =>
    `${listed.join(' ') || 'none'}, expected ${wanted.join(' ') || 'none'}`;
  gate.check('hls', 'text tracks', same(names), said(names));
  if (manifest) {
    const text = await readText(`${prefix}${manifest}`, context);
    const files = text === undefined ? [] : parseDashManifest(text).texts;
    const folders = files.map((file) => file.split('/')[0] ?? '');
    gate.check('dash', 'text tracks', same(folders), said(folders));
  }
  for (const path of playlists) await verifyTrack(prefix, path, duration_s, gate, context);
}

async function verifyTrack(
  prefix: string,
  path: string,
  duration_s: number,
  gate: Gate,
  context: TaskContext,
): Promise<void> {
  const output = `hls/${path}`;
  const content = await readText(`${prefix}${path}`, context);
  if (content === undefined) return gate.check(output, 'exists', false, 'it is missing');
  const { segments } = parseMediaPlaylist(content);
  const sum = segments.reduce((total, segment) => total + segment.duration_s, 0);
  gate.check(
    output,
    'duration',
    Math.abs(sum - duration_s) <= WITHIN_S,
    `segments add up to ${seconds(sum)}, the video has ${seconds(duration_s)}`,
  );
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  let cues = 0;
  let outside = 0;
  for (const { uri } of segments) {
    const file = await readText(`${prefix}${folder}${uri}`, context);
    if (file === undefined) return gate.check(output, 'content', false, `${uri} is missing`);
    for (const { start_s, end_s } of parseVtt(file)) {
      cues += 1;
      if (!(start_s >= 0 && end_s > start_s && end_s <= duration_s + WITHIN_S)) outside += 1;
    }
  }
  gate.check(output, 'cues', cues > 0 && outside === 0, `${cues}, ${outside} of them outside of the video`);
}
