import type { ObjectInfo, ObjectStore } from '../../objects/object-store.ts';

/** What the store lists, at once. */
export async function list(store: ObjectStore, prefix: string): Promise<ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  for await (const object of store.list(prefix)) objects.push(object);
  return objects;
}

export function keysOf(objects: ObjectInfo[]): string[] {
  return objects.map(({ key }) => key);
}
