import { COVERED_START_S } from '../../ffmpeg/dash-manifest.ts';
import type { MediaPlaylist } from '../../ffmpeg/media-playlist.ts';
import { parseDashManifest } from '../../ffmpeg/parse-dash-manifest.ts';
import { readText } from '../read-text.ts';
import type { TaskContext } from '../task-handler.ts';
import { type Gate, seconds } from './gate.ts';

/** Playlists round durations to a microsecond. */
const ROUNDING_S = 0.000_001;

/**
 * The manifest against the HLS playlists, by folder: it must name the very same files, with the same durations. Each of
 * them was fetched, and its content held against the MP4s, for the playlists.
 */
export async function verifyDash(
  prefix: string,
  name: string,
  playlists: ReadonlyMap<string, MediaPlaylist>,
  gate: Gate,
  context: TaskContext,
): Promise<void> {
  const text = await readText(`${prefix}${name}`, context);
  if (text === undefined) return gate.check('dash', 'manifest', false, 'it is missing');
  const { duration_s, media } = parseDashManifest(text);
  const [ids, folders] = [media.map(({ id }) => id), [...playlists.keys()]];
  gate.check(
    'dash',
    'representations',
    ids.toSorted().join() === folders.toSorted().join(),
    `${ids.join(' ')}, expected ${folders.join(' ')}`,
  );
  let end = 0;
  for (const { id, init, start_s, segments } of media) {
    const playlist = playlists.get(id);
    if (!playlist) continue;
    const wanted = [playlist.init, ...playlist.segments.map(({ uri }) => uri)].map((uri) => `${id}/${uri}`);
    const named = [init, ...segments.map(({ uri }) => uri)];
    const off = segments.filter(({ duration_s }, index) => {
      const longer_s = duration_s - (playlist.segments[index]?.duration_s ?? 0);
      const covered_s = index === 0 && start_s === 0 ? COVERED_START_S : 0;
      return !(longer_s >= -ROUNDING_S && longer_s <= covered_s + ROUNDING_S);
    });
    gate.check(
      `dash/${id}`,
      'segments',
      named.join() === wanted.join() && off.length === 0,
      off[0]
        ? `${off[0].uri} lasts ${seconds(off[0].duration_s)}, not so in the playlist`
        : `${segments.length}, the playlist has ${playlist.segments.length}`,
    );
    end = Math.max(end, start_s + segments.reduce((sum, segment) => sum + segment.duration_s, 0));
  }
  gate.check(
    'dash',
    'duration',
    Math.abs(duration_s - end) <= 0.001,
    `${seconds(duration_s)}, its segments end at ${seconds(end)}`,
  );
}
