import { Transform } from 'node:stream';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { fileTypeFromBuffer } from 'file-type';

/** What file-type needs to see of a file. */
export const SAMPLE_BYTES = 4_100;

/** Containers that may hold video although their type does not say so. */
const CONTAINERS = new Set([
  'application/ogg',
  'application/mxf',
  'application/vnd.ms-asf',
  'application/vnd.rn-realmedia',
  'audio/x-m4a',
  'audio/mp4',
  'image/gif',
]);

/**
 * Refuses what cannot be a video by its first bytes; inspection decides later whether it is one. Names and declared
 * types are never asked.
 * @param sample the first 4,100 bytes, or all where there are fewer
 * @throws {AppError} `invalid_video_format`
 */
export async function requireVideo(sample: Buffer): Promise<void> {
  const type = await fileTypeFromBuffer(sample);
  if (type && (type.mime.startsWith('video/') || CONTAINERS.has(type.mime))) return;
  const found = type ? `The file is of type ${type.mime}` : 'The file is not of any known video type';
  throw new AppError(
    'invalid_video_format',
    `${found}; send a video, such as MP4, MOV, MKV, WebM, AVI or MPEG-TS`,
  );
}

/**
 * Lets a stream through once its first bytes have shown that it may be a video.
 * @throws {AppError} `invalid_video_format`, through the stream, before a single byte has passed
 */
export const videoOnly = (): Transform => afterSample(requireVideo);

/** @throws {AppError} `invalid_thumbnail` */
export function imageOnly(): Transform {
  return afterSample(async (sample) => {
    const type = await fileTypeFromBuffer(sample);
    if (type && ['image/jpeg', 'image/png', 'image/webp', 'image/gif'].includes(type.mime)) return;
    throw new AppError('invalid_thumbnail', 'The thumbnail must be a JPEG, PNG, WebP or GIF image');
  });
}

/** Holds back the first bytes until `check` has seen them. */
function afterSample(check: (sample: Buffer) => Promise<void>): Transform {
  let held: Buffer[] | undefined = [];
  const release = async (stream: Transform) => {
    const sample = Buffer.concat(held ?? []);
    await check(sample);
    held = undefined;
    stream.push(sample);
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!held) return done(null, chunk);
      held.push(chunk);
      const bytes = held.reduce((sum, part) => sum + part.length, 0);
      if (bytes < SAMPLE_BYTES) return done();
      release(this).then(() => done(), done);
    },
    flush(done) {
      if (!held) return done();
      release(this).then(() => done(), done);
    },
  });
}
