import { fileTypeFromBuffer } from 'file-type';

const TYPES = new Set(['image/jpeg', 'image/png', 'image/apng', 'image/webp', 'image/gif']);

/**
 * What is wrong with a thumbnail or watermark by its first bytes, as the end of a sentence about it. Of an animated GIF or
 * PNG the first picture is taken; ffmpeg reads no animated WebP, so that is said before there is a job.
 */
export async function pictureRefusal(sample: Buffer): Promise<string | undefined> {
  const type = await fileTypeFromBuffer(sample);
  if (!type || !TYPES.has(type.mime)) return 'must be a JPEG, PNG, WebP or GIF image';
  if (type.mime === 'image/webp' && isAnimated(sample))
    return 'must be a still picture: an animated WebP cannot be read';
  return undefined;
}

/** The flags of the extended format, RFC 9649 2.7.1.1. */
const isAnimated = (webp: Buffer): boolean =>
  webp.toString('latin1', 12, 16) === 'VP8X' && ((webp[20] ?? 0) & 0b10) !== 0;
