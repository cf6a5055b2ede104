import { buffer } from 'node:stream/consumers';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { ObjectNotFoundError } from '@transcodeflow/shared/objects/object-store.ts';
import { type ScannedPacket, type ScannedStream, scanPackets } from '../../ffmpeg/gate/packet-scan.ts';
import { parseMasterPlaylist } from '../../ffmpeg/master-playlist.ts';
import { type MediaPlaylist, parseMediaPlaylist } from '../../ffmpeg/media-playlist.ts';
import { ProbeError } from '../../ffmpeg/run-ffprobe.ts';
import { readText } from '../read-text.ts';
import type { TaskContext } from '../task-handler.ts';
import { type PackagedMedia, verifyDash } from './dash.ts';
import { type Gate, START_S, seconds } from './gate.ts';
import { verifyIFrames } from './i-frames.ts';
import type { ScannedRendition } from './rendition.ts';
import { verifyTexts } from './texts.ts';

/** Sums of EXTINFs, each rounded to a microsecond. */
const SUM_S = 0.02;

/**
 * Every playlist against the file that it was made from. A player appends the init segment and the segments one
 * after the other, and so does this: when the elementary stream is, byte for byte, the one in the MP4 (which was
 * decoded from end to end), the segments decode too, and nothing is decoded twice.
 */
export async function verifyHls(
  hls: NonNullable<SpecOf<'verify'>['hls']>,
  renditions: readonly ScannedRendition[],
  sounds: ReadonlyMap<string, ScannedStream>,
  gate: Gate,
  context: TaskContext,
): Promise<void> {
  const master = await readText(`${hls.prefix}${hls.master}`, context);
  if (master === undefined) return gate.check('hls', 'master playlist', false, 'it is missing');
  const playlists = parseMasterPlaylist(master);
  const names = playlists.variants.map(folderOf);
  const isSoundAlone = renditions.length === 0;
  const wanted = isSoundAlone ? ['audio'] : renditions.map(({ name }) => name);
  gate.check(
    'hls',
    'variants',
    names.toSorted().join() === wanted.toSorted().join(),
    `${names.join(' ')}, expected ${wanted.join(' ')}`,
  );
  const folders = playlists.audio.map(folderOf);
  const grouped = isSoundAlone && sounds.size === 1 ? [] : [...sounds.keys()];
  gate.check(
    'hls',
    'audio group',
    folders.toSorted().join() === grouped.toSorted().join(),
    `${folders.length} audio playlists, expected ${grouped.length}`,
  );
  const read = new Map<string, PackagedMedia>();
  const verifyOne = async (path: string, origin: ScannedStream | undefined) => {
    const playlist = origin && (await verifyPlaylist(hls.prefix, path, origin, gate, context));
    if (playlist) read.set(folderOf(path), playlist);
  };
  for (const path of playlists.variants)
    await verifyOne(path, renditions.find(({ name }) => path.startsWith(`${name}/`))?.video);
  for (const path of grouped.length > 0 ? playlists.audio : isSoundAlone ? playlists.variants : [])
    await verifyOne(path, sounds.get(folderOf(path)));
  const keyed = playlists.iFrames.map(folderOf);
  const pictured = renditions.map(({ name }) => name);
  gate.check(
    'hls',
    'keyframe playlists',
    // An earlier version made none; while an installation is updated both are at work.
    keyed.length === 0 || keyed.toSorted().join() === pictured.toSorted().join(),
    `${keyed.join(' ')}, expected ${pictured.join(' ')}`,
  );
  for (const path of playlists.iFrames) {
    const variant = read.get(folderOf(path));
    if (variant) await verifyIFrames(hls.prefix, path, variant, gate, context);
  }
  if (hls.texts) {
    const listed = { prefix: hls.prefix, playlists: playlists.texts, manifest: hls.manifest };
    await verifyTexts(listed, hls.texts, Math.max(0, ...[...read.values()].map(lengthOf)), gate, context);
  }
  if (hls.manifest) await verifyDash(hls.prefix, hls.manifest, read, gate, context);
}

const lengthOf = ({ segments }: MediaPlaylist): number =>
  segments.reduce((total, { duration_s }) => total + duration_s, 0);

const farthest = (times: readonly number[], others: readonly number[]): number =>
  times.reduce((most, time, index) => Math.max(most, Math.abs(time - (others[index] ?? time)) || 0), 0);

const folderOf = (path: string): string => path.split('/')[0] ?? '';

async function verifyPlaylist(
  prefix: string,
  path: string,
  origin: ScannedStream,
  gate: Gate,
  context: TaskContext,
): Promise<PackagedMedia | undefined> {
  const output = `hls/${path}`;
  const content = await readText(`${prefix}${path}`, context);
  if (content === undefined) {
    gate.check(output, 'exists', false, 'it is missing');
    return undefined;
  }
  const playlist = parseMediaPlaylist(content);
  const sum = lengthOf(playlist);
  // Priming lies before 0 and is not heard.
  const length = origin.end_s - Math.max(0, origin.first_s);
  gate.check(
    output,
    'duration',
    Math.abs(sum - length) <= SUM_S,
    `segments add up to ${seconds(sum)}, the file has ${seconds(length)}`,
  );
  const longest = Math.max(...playlist.segments.map(({ duration_s }) => duration_s));
  gate.check(
    output,
    'target duration',
    playlist.ended && Math.round(longest) <= playlist.target_s,
    `longest ${seconds(longest)}, target ${playlist.target_s} s`,
  );

  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const files = [playlist.init ?? 'init.mp4', ...playlist.segments.map(({ uri }) => uri)];
  /** Where each file ends in the stream that is appended. */
  const ends: number[] = [];
  async function* appended(): AsyncGenerator<Uint8Array> {
    let offset = 0;
    for (const file of files) {
      const { body } = await context.objects.get(`${prefix}${folder}${file}`, { signal: context.signal });
      const bytes = await buffer(body);
      offset += bytes.length;
      ends.push(offset);
      yield bytes;
    }
  }
  let first_s = origin.first_s;
  const first = new Map<number, ScannedPacket>();
  const onPacket = (packet: ScannedPacket) => {
    const segment = ends.findIndex((end) => packet.position < end);
    if (!first.has(segment)) first.set(segment, packet);
  };
  try {
    const scanned = await scanPackets(context.tools, ['-i', 'pipe:0'], {
      signal: context.signal,
      stdin: appended(),
      onPacket,
    });
    const stream = scanned.get(0);
    first_s = stream?.first_s ?? first_s;
    const same = scanned.size === 1 && stream?.digest === origin.digest;
    gate.check(
      output,
      'content',
      same,
      `${stream?.packets ?? 0} packets, the file has ${origin.packets}${same ? ', the same' : ''}`,
    );
    const late_s = (stream?.first_s ?? Number.NaN) - origin.first_s;
    gate.check(
      output,
      'start',
      Math.abs(late_s) <= START_S,
      `begins at ${seconds(stream?.first_s ?? Number.NaN)}, the file at ${seconds(origin.first_s)}`,
    );
    const astray_s = same ? farthest(stream.shown_s, origin.shown_s) : 0;
    gate.check(
      output,
      'times',
      astray_s <= START_S,
      `at most ${seconds(astray_s)} from where the file has its packets`,
    );
    const bad = playlist.segments
      .filter((_, index) => first.get(index + 1)?.keyframe !== true)
      .map(({ uri }) => uri);
    gate.check(
      output,
      'keyframes',
      bad.length === 0,
      bad.length === 0 ? `${files.length - 1} segments` : `none at the start of ${bad.join(' ')}`,
    );
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof ObjectNotFoundError) && !(error instanceof ProbeError)) throw error;
    gate.check(output, 'content', false, error.message);
  }
  return { ...playlist, first_s };
}
