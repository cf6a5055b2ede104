import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';

/** Removes every object below a prefix, which ends in `/`. */
export async function removePrefix(objects: ObjectStore, prefix: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of objects.list(prefix)) keys.push(key);
  if (keys.length > 0) await objects.remove(keys);
}
