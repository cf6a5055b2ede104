import { open, readdir, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { DISK_FULL } from '@transcodeflow/shared/contracts/task-error.ts';
import { TaskError } from '../../task-error.ts';

/** A disk with less is full for our purposes: something may have been removed since. */
const FULL_BYTES = 64 * 1_024 ** 2;

/**
 * ffmpeg's HLS muxer takes no notice of a full disk: cut-off segments and empty playlists come with exit status 0 and not
 * a word in the log (tried). So each playlist must have its end, and each segment all of its boxes.
 * @throws {TaskError} `disk_full`, or `ffmpeg_failed` where the disk has room
 */
export async function assertWhole(folder: string): Promise<void> {
  const names = (await readdir(folder, { recursive: true })).toSorted();
  for (const name of names) {
    const path = join(folder, name);
    const whole = name.endsWith('.m3u8')
      ? (await readFile(path, 'utf8')).trimEnd().endsWith('#EXT-X-ENDLIST')
      : !/\.(m4s|mp4)$/.test(name) || (await hasWholeBoxes(path));
    if (whole) continue;
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const full = free < FULL_BYTES;
    throw new TaskError({
      code: full ? DISK_FULL : 'ffmpeg_failed',
      message: full
        ? 'The disk of the processing machine is full.'
        : 'The video could not be processed: ffmpeg failed.',
      detail: `${name} is cut off; ${Math.floor(free / 1_024 ** 2)} MiB are free`,
      retryable: true,
    });
  }
}

/** ISO 14496-12 4.2: a box begins with its size in 32 bits; 1: in 64 bits after its type; 0: to the end of the file. */
export async function hasWholeBoxes(path: string): Promise<boolean> {
  await using file = await open(path);
  const { size } = await file.stat();
  const header = Buffer.alloc(16);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await file.read(header, 0, 16, at);
    if (bytesRead < 8) return false;
    const short = header.readUInt32BE(0);
    if (short === 0) return true;
    if (short === 1 && bytesRead < 16) return false;
    const length = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
    if (length < 8) return false;
    at += length;
  }
  return size > 0 && at === size;
}
