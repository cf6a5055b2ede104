import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import type { TaskContext } from './task-handler.ts';

/** Uploads a finished file below the attempt's prefix. The file must not be written to afterwards. */
export async function storeFile(
  { objects, prefix, signal }: TaskContext,
  name: string,
  path: string,
): Promise<ObjectRef> {
  const { key, size, contentType } = await objects.putFile(`${prefix}${name}`, path, { signal });
  return { key, size_bytes: size, content_type: contentType };
}
