import {
  jobPrefix,
  sourceKey,
  uploadedThumbnailKey,
  uploadedWatermarkKey,
} from '@transcodeflow/shared/objects/keys.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { CommandHandler } from '../command-handler.ts';
import { heldBytes } from '../job/source.ts';
import type { Lapsed } from './janitor.ts';

/** A job that was appended keeps what it counts for; of an upload that never became one everything is removed. */
export const lapsedJob =
  (commands: CommandHandler, objects: ObjectStore): Lapsed =>
  async (jobId) => {
    const { state } = await commands.load(jobId);
    if (state && state.status !== 'deleted') return heldBytes(state);
    await removeBelow(objects, jobPrefix(jobId));
    await objects.removeUnfinished([
      sourceKey(jobId),
      uploadedThumbnailKey(jobId),
      uploadedWatermarkKey(jobId),
    ]);
    return undefined;
  };

/** An upload that nobody made a job of in time. */
export const lapsedUpload =
  (objects: ObjectStore): Lapsed =>
  async (uploadId) => {
    await removeBelow(objects, `uploads/${uploadId}/`);
    return undefined;
  };

async function removeBelow(objects: ObjectStore, prefix: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of objects.list(prefix)) keys.push(key);
  if (keys.length > 0) await objects.remove(keys);
}
