import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';

/** Takes bytes and keeps none: for a repeated upload, whose content only has to be recognised. */
export const noStore: Pick<ObjectStore, 'put' | 'remove'> = {
  async put(key, body) {
    let size = 0;
    for await (const chunk of body) size += chunk.length;
    return { key, size, etag: '', lastModified: new Date(), contentType: 'application/octet-stream' };
  },
  remove: async () => {},
};
