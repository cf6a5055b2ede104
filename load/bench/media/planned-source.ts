import { join } from 'node:path';
import { planJob } from '@transcodeflow/command-service/job/plan.ts';
import type { TaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { inspect } from '@transcodeflow/processors/tasks/inspect/inspect.ts';
import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import { makeSource } from './make-source.ts';

export interface PlannedSource {
  path: string;
  source: ObjectRef;
  media: MediaInfo & { video: NonNullable<MediaInfo['video']> };
  plan: Plan;
}

/**
 * A 1080p source, stored, inspected and planned by the default profile.
 * @param of seconds of a made one, or a file of one's own
 */
export async function planSource(
  bench: TaskBench,
  { seconds, file }: { seconds: number; file?: string | undefined },
  signal: AbortSignal,
): Promise<PlannedSource> {
  const size = { width: 1920, height: 1080 };
  const path =
    file ?? (await makeSource(bench.tools, join(bench.folder, 'source.mp4'), { seconds, ...size }));
  const source = await bench.upload(path);
  const { media } = await inspect(
    { kind: 'inspect', source, filename: 'source' },
    await bench.attempt(signal),
  );
  const { video } = media;
  if (!video) throw new Error('The source has no video');
  const plan = planJob(media, { profile: 'default', thumbnail: undefined, options: {} });
  return { path, source, media: { ...media, video }, plan };
}
