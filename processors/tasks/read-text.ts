import { text } from 'node:stream/consumers';
import { ObjectNotFoundError } from '@transcodeflow/shared/objects/object-store.ts';
import type { TaskContext } from './task-handler.ts';

/** Undefined where there is no such object. */
export async function readText(
  key: string,
  { objects, signal }: Pick<TaskContext, 'objects' | 'signal'>,
): Promise<string | undefined> {
  try {
    return await text((await objects.get(key, { signal })).body);
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}
