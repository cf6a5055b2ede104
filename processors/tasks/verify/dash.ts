import { COVERED_START_S } from '../../ffmpeg/dash-manifest.ts';
import type { MediaPlaylist } from '../../ffmpeg/media-playlist.ts';
import { parseDashManifest } from '../../ffmpeg/parse-dash-manifest.ts';
import { readText } from '../read-text.ts';
import type { TaskContext } from '../task-handler.ts';
import { type Gate, START_S, seconds } from './gate.ts';

/** Durations in playlists and time stamps of samples are each rounded to a microsecond. */
const ROUNDING_S = 0.000_002;

/** A playlist, and what was seen when its segments were fetched. */
export interface PackagedMedia extends MediaPlaylist {
  /** When the first sample is shown; sound's priming lies before 0. */
  first_s: number;
}

/**
 * The manifest against the HLS playlists, by folder: it must name the very same files, with the same durations. Each of
 * them was fetched, and its content held against the MP4s, for the playlists. A first segment alone may be longer than
 * in its playlist: by what its first sample is late, where that is no more than {@link COVERED_START_S}.
 */
export async function verifyDash(
  prefix: string,
  name: string,
  packaged: ReadonlyMap<string, PackagedMedia>,
  gate: Gate,
  context: Pick<TaskContext, 'objects' | 'signal'>,
): Promise<void> {
  const text = await readText(`${prefix}${name}`, context);
  if (text === undefined) return gate.check('dash', 'manifest', false, 'it is missing');
  const { duration_s, media } = parseDashManifest(text);
  const [ids, folders] = [media.map(({ id }) => id), [...packaged.keys()]];
  gate.check(
    'dash',
    'representations',
    ids.toSorted().join() === folders.toSorted().join(),
    `${ids.join(' ')}, expected ${folders.join(' ')}`,
  );
  let end = 0;
  for (const { id, init, start_s, segments } of media) {
    const playlist = packaged.get(id);
    if (!playlist) continue;
    const first_s = Math.max(0, playlist.first_s);
    const isCovered = start_s === 0 && first_s <= COVERED_START_S;
    gate.check(
      `dash/${id}`,
      'start',
      isCovered || Math.abs(start_s - first_s) <= START_S,
      `${seconds(start_s)}, its first sample is shown at ${seconds(first_s)}`,
    );
    const wanted = [playlist.init, ...playlist.segments.map(({ uri }) => uri)].map((uri) => `${id}/${uri}`);
    const named = [init, ...segments.map(({ uri }) => uri)];
    const off = segments.filter(({ duration_s }, index) => {
      const early_s = index === 0 && isCovered ? first_s : 0;
      const wrong_s = Math.abs(duration_s - early_s - (playlist.segments[index]?.duration_s ?? 0));
      return !(wrong_s <= ROUNDING_S);
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
