import { Mime } from 'mime';
import otherTypes from 'mime/types/other.js';
import standardTypes from 'mime/types/standard.js';

// RFC 8216 (HLS) and ISO 23009-1 names for what players fetch; the registry's own answers differ or are missing.
const mime = new Mime(standardTypes, otherTypes).define(
  {
    'video/iso.segment': ['m4s'],
    'application/vnd.apple.mpegurl': ['m3u8'],
    'text/vtt': ['vtt'],
    'application/x-subrip': ['srt'],
  },
  true,
);

/** The media type by the key's extension; `application/octet-stream` where it says nothing. */
export function contentTypeOf(key: string): string {
  return mime.getType(key) ?? 'application/octet-stream';
}
