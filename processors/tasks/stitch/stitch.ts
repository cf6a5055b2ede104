import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { renditionFile } from '../../ffmpeg/plan/encode-plan.ts';
import { POSTER_PATTERN, TILES_FILE } from '../../ffmpeg/plan/stills.ts';
import { type ChunkFile, concatList, planStitch } from '../../ffmpeg/plan/stitch-plan.ts';
import { probeFile, streamEnd } from '../../ffmpeg/probed-file.ts';
import { runFfmpeg } from '../../ffmpeg/run-ffmpeg.ts';
import { TaskError } from '../../task-error.ts';
import { storePreview } from '../encode/preview.ts';
import { indexOfBest, storeStoryboard } from '../encode/stills.ts';
import { measureRendition, storeRendition } from '../encode/store-rendition.ts';
import type { TaskContext, TaskHandler } from '../task-handler.ts';

/**
 * Joins the chunks of every rendition without encoding, adds the audio, lays out the storyboard's tiles and takes the best
 * of the posters: the same objects as `encode` stores, but for the audio's, which stays where it was encoded.
 * @throws {TaskError} `chunks_differ`, `ffmpeg_failed`, `disk_full`
 */
export const stitch: TaskHandler<'stitch'> = async (spec, context) => {
  const { objects, workFolder, signal } = context;
  const local = (key: string) => objects.localFile(key, workFolder, signal);
  assertAlike(spec);
  const sound = spec.audio && { path: await local(spec.audio.object.key), language: spec.audio.language };
  const renditions: Awaited<ReturnType<typeof storeRendition>>[] = [];
  for (const { name, chunks } of spec.renditions) {
    const files: ChunkFile[] = [];
    for (const { object, first_s } of chunks) files.push({ path: await local(object.key), first_s });
    await joinChunks(name, files, sound, context);
    renditions.push(await storeRendition(await measureRendition(name, context), context));
    context.progress({ fraction: (0.9 * renditions.length) / spec.renditions.length });
  }
  const poster = await copyPoster(spec.posters, context);
  const duration_s = renditions[0]?.duration_s ?? spec.duration_s;
  const storyboard = spec.storyboard && (await layOut(spec, spec.storyboard, duration_s, context));
  const [smallest] = renditions.toSorted((a, b) => a.width * a.height - b.width * b.height);
  const preview =
    spec.preview &&
    smallest &&
    (await storePreview(spec.preview, renditionFile(smallest.name), duration_s, context));
  context.progress({ fraction: 1 });
  return {
    kind: 'stitch',
    renditions,
    hardware: spec.hardware.join(', '),
    ...(spec.audio && { audio: spec.audio }),
    ...(spec.audio_alternates && { audio_alternates: spec.audio_alternates }),
    ...(poster && { poster }),
    ...(storyboard && { storyboard }),
    ...(preview && { preview }),
  };
};

/** One file has one decoder configuration, so chunks of several must not be joined. */
function assertAlike({ renditions }: SpecOf<'stitch'>): void {
  for (const { name, chunks } of renditions) {
    const kinds = new Set(chunks.map(({ extradata }) => extradata));
    if (kinds.size <= 1) continue;
    const detail = `${name}: ${chunks.map(({ extradata }, index) => `${index + 1} ${extradata}`).join(', ')}`;
    const message = 'The parts of the video were encoded in different ways and cannot be joined.';
    throw new TaskError({ code: 'chunks_differ', message, detail, retryable: false });
  }
}

async function joinChunks(
  name: string,
  files: readonly ChunkFile[],
  sound: { path: string; language: string | undefined } | undefined,
  { tools, signal, workFolder: cwd, ran }: TaskContext,
): Promise<void> {
  const list = join(cwd, `${name}.ffconcat`);
  await writeFile(list, concatList(files));
  const first_s = files[0]?.first_s ?? 0;
  const output = renditionFile(name);
  const last = files.at(-1);
  const { streams } = last
    ? await probeFile(tools, ['-i', `file:${last.path}`], { signal })
    : { streams: [] };
  const pictures = streams.find(({ codec_type }) => codec_type === 'video');
  const end_s = pictures && streamEnd(pictures);
  const args = planStitch({ list, first_s, end_s, audio: sound?.path, language: sound?.language, output });
  await runFfmpeg(tools, args, { signal, cwd, ran });
}

/** The one that shows the most, as within one encode. */
async function copyPoster(posters: SpecOf<'stitch'>['posters'], context: TaskContext) {
  const { objects, prefix, signal, workFolder } = context;
  for (const [index, { object }] of posters.entries()) {
    const name = POSTER_PATTERN.replace('%d', String(index + 1));
    await copyFile(await objects.localFile(object.key, workFolder, signal), join(workFolder, name));
  }
  const best = posters.length > 1 ? posters[await indexOfBest(context)] : posters[0];
  if (!best) return undefined;
  const { key, size, contentType } = await objects.copy(best.object.key, `${prefix}thumbnail.jpg`, {
    signal,
  });
  return { ...best, object: { key, size_bytes: size, content_type: contentType } satisfies ObjectRef };
}

async function layOut(
  { tiles, duration_s: planned_s }: SpecOf<'stitch'>,
  storyboard: NonNullable<SpecOf<'stitch'>['storyboard']>,
  duration_s: number,
  context: TaskContext,
) {
  const { objects, workFolder, signal } = context;
  for (const { key } of tiles) {
    const path = await objects.localFile(key, workFolder, signal);
    await pipeline(createReadStream(path), createWriteStream(join(workFolder, TILES_FILE), { flags: 'a' }), {
      signal,
    });
  }
  return storeStoryboard(storyboard, duration_s, planned_s, context);
}
