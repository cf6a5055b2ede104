import type { TaskResult } from '@transcodeflow/shared/contracts/task-results.ts';
import { jobPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { storedSource } from '../job/source.ts';
import { type Job, type JobState, resultOf } from '../job/state.ts';

/** Whether an object below the job's prefix is one that its state names; the rest are leftovers of attempts. */
export function namedObjects(jobId: string, state: JobState): (key: string) => boolean {
  if (!state || state.status === 'deleted') return () => false;
  const { thumbnail, watermark } = state.request;
  // The source stays with the job until it is deleted, also one that was fetched before a cancel.
  const source = storedSource(state);
  const keys = new Set([source, thumbnail, watermark].flatMap((object) => (object ? [object.key] : [])));
  const prefixes: string[] = [];
  if (state.status !== 'cancelled')
    for (const task of Object.values(state.tasks)) {
      if (task.status === 'succeeded' && task.result && !isUsedUp(state, task.result))
        collect(task.result, keys, prefixes);
    }
  return (key) =>
    !key.startsWith(jobPrefix(jobId)) || keys.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
}

/** Chunks that were joined are of no more use, not even to a retry; the sound, encoded beside them, is an output. */
const isUsedUp = (job: Job, { kind }: TaskResult): boolean =>
  kind === 'encode-chunk' && resultOf(job, 'stitch') !== undefined;

/** Every `key` and `prefix` in a result, however deep: a new kind of output is kept without a change here. */
function collect(value: unknown, keys: Set<string>, prefixes: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'key' && typeof inner === 'string') keys.add(inner);
    else if (name === 'prefix' && typeof inner === 'string') prefixes.push(inner);
    else collect(inner, keys, prefixes);
  }
}
