import type { IncomingHttpHeaders } from 'node:http';
import { contentTypeOf } from '../content-type.ts';
import type { ObjectInfo } from '../object-store.ts';

/** What the answer to a GET or HEAD says of the object; its whole size for a range of it too. */
export function infoOf(key: string, headers: IncomingHttpHeaders): ObjectInfo {
  const total = headers['content-range']?.replace(/^.*\//, '') ?? headers['content-length'];
  return {
    key,
    size: Number(total),
    etag: etagOf(headers),
    lastModified: new Date(String(headers['last-modified'])),
    contentType: headers['content-type'] ?? contentTypeOf(key),
  };
}

export function etagOf(headers: IncomingHttpHeaders): string {
  return String(headers.etag).replaceAll('"', '');
}
