import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import { packageHls } from '../../ffmpeg/plan/package-plan.ts';
import { streamEnd } from '../../ffmpeg/probed-file.ts';
import { runFfmpeg } from '../../ffmpeg/run-ffmpeg.ts';
import { allEnded } from '../all-ended.ts';
import { storeFile } from '../store-file.ts';
import type { TaskContext, TaskHandler } from '../task-handler.ts';
import { assertWhole } from './assert-whole.ts';
import { writeManifest } from './dash.ts';
import { writeIFrames } from './i-frames.ts';
import { writeMaster } from './master.ts';
import { asSounds } from './sound.ts';
import type { TextTrack } from './text-track.ts';
import { CAPTIONS, writeTexts } from './texts.ts';
import { openTrack } from './track.ts';
import { tidyVariant, type Variant, writePlaylists } from './variant.ts';

/** Small files: a few at a time hide the store's latency without crowding the machine. */
const UPLOADS_AT_ONCE = 8;

/**
 * Remuxes the encoded MP4s into HLS with CMAF segments, video and audio apart, without encoding:
 * `hls/master.m3u8`, `hls/360p/playlist.m3u8`, `hls/360p/init.mp4`, `hls/360p/segment-00001.m4s`, `hls/audio/…`; and
 * into DASH over the same segments, `hls/manifest.mpd`.
 * @throws {TaskError} `ffmpeg_failed`, `disk_full`
 */
export const packageTask: TaskHandler<'package'> = async (spec, context) => {
  const { signal, workFolder, tools, ran } = context;
  const tagged = spec.audio ? [{ name: 'audio', ...spec.audio }, ...(spec.audio_alternates ?? [])] : [];
  const [videos, audios] = await allEnded([
    allEnded(spec.renditions.map(({ name, object }) => openTrack(name, 'video', object.key, context))),
    allEnded(tagged.map(({ name, object }) => openTrack(name, 'audio', object.key, context))),
  ]);

  const folder = join(workFolder, 'hls');
  await mkdir(folder, { recursive: true });
  const pictures = videos.map((track) => ({ ...track, end_s: streamEnd(track.stream) }));
  const args = packageHls({ videos: pictures, sounds: audios, segment_s: spec.segment_s });
  await runFfmpeg(tools, args, { signal, cwd: folder, ran });
  await assertWhole(folder);
  context.progress({ fraction: 0.5 });

  const [variants, heard] = await allEnded([
    allEnded(videos.map((track, index) => tidyVariant(folder, track, index))),
    allEnded(audios.map((track, index) => tidyVariant(folder, track, index))),
  ]);
  const all = [...variants, ...heard];
  await writePlaylists(folder, all);
  const sounds = asSounds(heard.map((variant, index) => ({ ...tagged[index], variant })));
  const texts = await writeTexts(folder, spec, lengthOf(all), context);
  const keyframes = await writeIFrames(folder, variants);
  const master = await writeMaster(folder, variants, sounds, texts.tracks, keyframes);
  const manifest = spec.dash && (await writeManifest(folder, variants, sounds, texts.tracks));

  const media = [...all.flatMap(({ files }) => files), ...texts.tracks.map(({ file }) => file)];
  const playlists = [master, ...[...all, ...keyframes, ...texts.tracks].map(({ playlist }) => playlist)];
  const inDash = manifest ? [...media, manifest] : media;
  const files = [...inDash, ...playlists];
  const stored = await storeAll(folder, files, context);
  const sizeOf = (some: readonly string[]) =>
    some.reduce((sum, file) => sum + (stored.get(file)?.size_bytes ?? 0), 0);
  const { subtitles, captions } = describeTexts(texts.tracks, stored);

  const listed = ({ track, playlist, segments }: Variant) => ({
    name: track.name,
    playlist,
    segments_count: segments.length,
  });
  const [audio, ...alternates] = heard;
  return {
    kind: 'package',
    prefix: `${context.prefix}hls/`,
    master,
    variants: variants.map(listed),
    ...(audio && { audio: { playlist: audio.playlist, segments_count: audio.segments.length } }),
    ...(alternates.length > 0 && { audio_alternates: alternates.map(listed) }),
    ...(manifest && { dash: { manifest, size_bytes: sizeOf(inDash) } }),
    ...(subtitles.length > 0 && { subtitles }),
    ...(captions && { captions }),
    ...(texts.left_out.length > 0 && { subtitles_left_out: texts.left_out }),
    size_bytes: sizeOf(files),
  };
};

/** When the last picture or sound ends, in seconds. */
const lengthOf = (variants: readonly Variant[]): number =>
  Math.max(
    ...variants.map(({ segments }) => segments.reduce((total, { duration_s }) => total + duration_s, 0)),
  );

function describeTexts(tracks: readonly TextTrack[], stored: ReadonlyMap<string, ObjectRef>) {
  const described = tracks.flatMap(({ file, characteristics: _, size_bytes: __, ...track }) => {
    const object = stored.get(file);
    return object ? [{ ...track, object }] : [];
  });
  return {
    subtitles: described.filter(({ name }) => name !== CAPTIONS),
    captions: described.find(({ name }) => name === CAPTIONS),
  };
}

/** @returns the objects, by file. When one upload fails no other begins, and none is still running when this rejects. */
async function storeAll(
  folder: string,
  files: readonly string[],
  context: TaskContext,
): Promise<ReadonlyMap<string, ObjectRef>> {
  const queue = files.values();
  const stored = new Map<string, ObjectRef>();
  let failed = false;
  const upload = async () => {
    for (const file of queue) {
      if (failed) return;
      try {
        stored.set(file, await storeFile(context, `hls/${file}`, join(folder, file)));
      } catch (error) {
        failed = true;
        throw error;
      }
      context.progress({ fraction: 0.5 + (0.5 * stored.size) / files.length });
    }
  };
  await allEnded(Array.from({ length: UPLOADS_AT_ONCE }, upload));
  return stored;
}
