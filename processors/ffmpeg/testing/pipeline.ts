import type { EncodeSpec } from '@transcodeflow/shared/contracts/encode-specs.ts';
import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import type { ResultOf } from '@transcodeflow/shared/contracts/task-results.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { encode } from '../../tasks/encode/encode.ts';
import { inspect } from '../../tasks/inspect/inspect.ts';
import { packageTask } from '../../tasks/package/package.ts';
import { encodeSpec } from './encode-spec.ts';
import type { Attempt, TaskBench } from './task-bench.ts';

export interface Processed {
  source: ObjectRef;
  media: MediaInfo;
  encoded: ResultOf<'encode'>;
  packaged: ResultOf<'package'>;
  encodeAttempt: Attempt;
  /** What the gate is asked about it. */
  verifySpec: SpecOf<'verify'>;
}

/** Inspects, encodes and packages a file as a job would. */
export async function processFile(
  bench: TaskBench,
  path: string,
  changes: Partial<EncodeSpec> = {},
): Promise<Processed> {
  const source = await bench.upload(path);
  const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
  const encodeAttempt = await bench.attempt();
  const encoded = await encode(encodeSpec(source, media, changes), encodeAttempt);
  const { renditions, audio, audio_alternates } = encoded;
  const packaged = await packageTask(
    { kind: 'package', renditions, segment_s: 2, dash: true, ...(audio && { audio }), audio_alternates },
    await bench.attempt(),
  );
  const { prefix, master, dash } = packaged;
  const verifySpec = {
    kind: 'verify' as const,
    source,
    media,
    trim: changes.trim,
    watermark: changes.watermark,
    renditions: renditions.map(({ name, object, width, height }) => ({ name, object, width, height })),
    hls: { prefix, master, ...(dash && { manifest: dash.manifest }) },
    ...(audio && { audio: { ...audio, stream_index: changes.audio?.stream_index } }),
    audio_alternates: audio_alternates?.map(({ name, object }, index) => ({
      name,
      object,
      stream_index: changes.audio_alternates?.[index]?.stream_index ?? -1,
    })),
  };
  return { source, media, encoded, packaged, encodeAttempt, verifySpec };
}
