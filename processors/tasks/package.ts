import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packageHls } from '../ffmpeg/plan/package-plan.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import { writeMaster } from './package-master.ts';
import { tidyVariant, type Variant } from './package-variant.ts';
import { storeFile } from './store-file.ts';
import type { TaskHandler } from './task-handler.ts';

/** Small files: a few at a time hide the store's latency without crowding the machine. */
const UPLOADS_AT_ONCE = 8;

/**
 * Remuxes the encoded MP4s into HLS with CMAF segments, video and audio apart, without encoding:
 * `hls/master.m3u8`, `hls/360p/playlist.m3u8`, `hls/360p/init.mp4`, `hls/360p/segment-00001.m4s`, `hls/audio/…`.
 * @throws {TaskError} `ffmpeg_failed`, `disk_full`
 */
export const packageTask: TaskHandler<'package'> = async (spec, context) => {
  const { objects, workFolder, signal, tools, ran } = context;
  const local = (key: string) => objects.localFile(key, workFolder, signal);
  const inputs: string[] = [];
  for (const { object } of spec.renditions) inputs.push(await local(object.key));
  const audioInput = spec.audio && (await local(spec.audio.object.key));

  const folder = join(workFolder, 'hls');
  await mkdir(folder, { recursive: true });
  const names = spec.renditions.map(({ name }) => name);
  const args = packageHls({
    names,
    inputs,
    ...(audioInput && { audio: audioInput }),
    segment_s: spec.segment_s,
  });
  await runFfmpeg(tools, args, { signal, cwd: folder, ran });
  context.progress({ fraction: 0.5 });

  const variants: Variant[] = [];
  for (const [index, name] of names.entries()) variants.push(await tidyVariant(folder, name, index));
  const audio = audioInput ? await tidyVariant(folder, 'audio', names.length) : undefined;
  const master = await writeMaster({ folder, spec, variants, audio, inputs, audioInput }, context);

  const files = [master, ...variants.flatMap(({ files }) => files), ...(audio?.files ?? [])];
  let done = 0;
  let size_bytes = 0;
  const queue = files.values();
  const upload = async () => {
    for (const file of queue) {
      const stored = await storeFile(context, `hls/${file}`, join(folder, file));
      size_bytes += stored.size_bytes;
      done += 1;
      context.progress({ fraction: 0.5 + (0.5 * done) / files.length });
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, upload));

  const listed = ({ name, playlist, segments }: Variant) => ({
    name,
    playlist,
    segments_count: segments.length,
  });
  return {
    kind: 'package',
    prefix: `${context.prefix}hls/`,
    master,
    variants: variants.map(listed),
    ...(audio && { audio: { playlist: audio.playlist, segments_count: audio.segments.length } }),
    size_bytes,
  };
};
