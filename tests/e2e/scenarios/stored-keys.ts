import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';

/** Keys below a prefix; `''` lists everything. */
export async function storedKeys(objects: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects.list(prefix)) keys.push(key);
  return keys.sort();
}
