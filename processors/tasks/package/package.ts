import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResultOf } from '@transcodeflow/shared/contracts/task-results.ts';
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

  const variants: Variant[] = [];
  for (const [index, track] of videos.entries()) variants.push(await tidyVariant(folder, track, index));
  const heard: Variant[] = [];
  for (const [index, track] of audios.entries()) heard.push(await tidyVariant(folder, track, index));
  await writePlaylists(folder, [...variants, ...heard]);
  const sounds = asSounds(heard.map((variant, index) => ({ ...tagged[index], variant })));
  const texts = await writeTexts(folder, spec, lengthOf([...variants, ...heard]), context);
  const keyframes = await writeIFrames(folder, variants);
  const master = await writeMaster(folder, variants, sounds, texts.tracks, keyframes);
  const manifest = spec.dash && (await writeManifest(folder, variants, sounds, texts.tracks));
  const all = [...variants, ...heard];
  const size_of_media = await storeAll(
    folder,
    all.flatMap(({ files }) => files),
    context,
  );
  const size_of_manifest = manifest ? await storeAll(folder, [manifest], context) : 0;
  const listing = [...all, ...keyframes, ...texts.tracks].map(({ playlist }) => playlist);
  const size_of_playlists = await storeAll(folder, [master, ...listing], context);
  const { subtitles, captions } = await storeTexts(folder, texts.tracks, context);
  const size_of_texts = texts.tracks.reduce((sum, { size_bytes }) => sum + size_bytes, 0);

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
    ...(manifest && { dash: { manifest, size_bytes: size_of_media + size_of_manifest + size_of_texts } }),
    ...(subtitles.length > 0 && { subtitles }),
    ...(captions && { captions }),
    ...(texts.left_out.length > 0 && { subtitles_left_out: texts.left_out }),
    size_bytes: size_of_media + size_of_manifest + size_of_playlists + size_of_texts,
  };
};

/** When the last picture or sound ends, in seconds. */
const lengthOf = (variants: readonly Variant[]): number =>
  Math.max(
    ...variants.map(({ segments }) => segments.reduce((total, { duration_s }) => total + duration_s, 0)),
  );

async function storeTexts(folder: string, tracks: readonly TextTrack[], context: TaskContext) {
  const stored: NonNullable<ResultOf<'package'>['subtitles']> = [];
  for (const { file, characteristics: _, size_bytes: __, ...track } of tracks)
    stored.push({ ...track, object: await storeFile(context, `hls/${file}`, join(folder, file)) });
  return {
    subtitles: stored.filter(({ name }) => name !== CAPTIONS),
    captions: stored.find(({ name }) => name === CAPTIONS),
  };
}

/** @returns bytes stored. When one upload fails no other begins, and none is still running when this rejects. */
async function storeAll(folder: string, files: readonly string[], context: TaskContext): Promise<number> {
  const queue = files.values();
  let size_bytes = 0;
  let done = 0;
  let failed = false;
  const upload = async () => {
    for (const file of queue) {
      if (failed) return;
      try {
        const stored = await storeFile(context, `hls/${file}`, join(folder, file));
        size_bytes += stored.size_bytes;
      } catch (error) {
        failed = true;
        throw error;
      }
      done += 1;
      if (files.length > 1) context.progress({ fraction: 0.5 + (0.5 * done) / files.length });
    }
  };
  await allEnded(Array.from({ length: UPLOADS_AT_ONCE }, upload));
  return size_bytes;
}
