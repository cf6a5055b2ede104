import { Transform } from 'node:stream';
import { AppError } from '@transcodeflow/shared/errors.ts';
import { profileOf } from '@transcodeflow/shared/profiles/profiles.ts';
import { fileTypeFromBuffer } from 'file-type';
import { pictureRefusal } from './picture-refusal.ts';

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

/** What the first bytes of a file tell: it may be a video, or is of a type that only sound has. */
export interface Sniffed {
  kind: 'video' | 'sound';
  mime: string;
}

const SEND_A_VIDEO = 'send a video, such as MP4, MOV, MKV, WebM, AVI or MPEG-TS';

/**
 * Refuses what can be neither video nor sound by its first bytes; inspection decides later what it is. Names and declared
 * types are never asked.
 * @param sample the first 4,100 bytes, or all where there are fewer
 * @throws {AppError} `invalid_video_format`
 */
export async function sniffMedia(sample: Buffer): Promise<Sniffed> {
  const mime = (await fileTypeFromBuffer(sample))?.mime;
  if (mime && (mime.startsWith('video/') || CONTAINERS.has(mime))) return { kind: 'video', mime };
  if (mime?.startsWith('audio/')) return { kind: 'sound', mime };
  const found = mime ? `The file is of type ${mime}` : 'The file is not of any known video type';
  throw new AppError('invalid_video_format', `${found}; ${SEND_A_VIDEO}`);
}

/**
 * Sound is taken only by profiles that want no pictures.
 * @throws {AppError} `invalid_video_format`
 */
export function requireFit({ kind, mime }: Sniffed, profile: string): void {
  if (kind === 'video' || profileOf(profile)?.video === null) return;
  throw new AppError(
    'invalid_video_format',
    `The file is of type ${mime}, which only the profile "audio-only" takes; ${SEND_A_VIDEO}`,
  );
}

/**
 * Lets a stream through once its first bytes have shown that it may be video or sound.
 * @throws {AppError} `invalid_video_format`, through the stream, before a single byte has passed
 */
export const mediaOnly = (onSniffed: (sniffed: Sniffed) => void = () => {}): Transform =>
  afterSample(async (sample) => onSniffed(await sniffMedia(sample)));

/** @throws {AppError} `invalid_thumbnail`, `invalid_watermark` */
export function imageOnly(name: 'thumbnail' | 'watermark'): Transform {
  return afterSample(async (sample) => {
    const wrong = await pictureRefusal(sample);
    if (wrong) throw new AppError(`invalid_${name}`, `The ${name} ${wrong}`);
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
