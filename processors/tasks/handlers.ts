import type { TaskResult } from '@transcodeflow/shared/contracts/task-results.ts';
import type { TaskSpec } from '@transcodeflow/shared/contracts/tasks.ts';
import { encodeChunk } from './encode/chunk.ts';
import { encode } from './encode/encode.ts';
import { ingest } from './ingest/ingest.ts';
import { inspect } from './inspect/inspect.ts';
import { packageTask } from './package/package.ts';
import { stitch } from './stitch/stitch.ts';
import type { TaskContext } from './task-handler.ts';
import { thumbnail } from './thumbnail/thumbnail.ts';
import { transcribe } from './transcribe/transcribe.ts';
import { verify } from './verify/verify.ts';

/** Runs a task of any kind. */
export function runTask(spec: TaskSpec, context: TaskContext): Promise<TaskResult> {
  switch (spec.kind) {
    case 'ingest':
      return ingest(spec, context);
    case 'inspect':
      return inspect(spec, context);
    case 'encode':
      return encode(spec, context);
    case 'encode-chunk':
      return encodeChunk(spec, context);
    case 'stitch':
      return stitch(spec, context);
    case 'package':
      return packageTask(spec, context);
    case 'thumbnail':
      return thumbnail(spec, context);
    case 'transcribe':
      return transcribe(spec, context);
    case 'verify':
      return verify(spec, context);
  }
}
