import { picturesPrefix } from '@transcodeflow/shared/objects/keys.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';

/** Keys of the pictures that were copied for a job which a request then did not make. */
export async function picturesBelow(objects: Pick<ObjectStore, 'list'>, jobId: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects.list(picturesPrefix(jobId))) keys.push(key);
  return keys;
}
