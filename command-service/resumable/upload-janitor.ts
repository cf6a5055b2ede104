import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { CommandHandler } from '../command-handler.ts';
import { hasPicture } from './has-picture.ts';
import type { UploadBytes } from './upload-bytes.ts';
import type { Endings } from './upload-endings.ts';
import type { UploadLocks } from './upload-locks.ts';
import type { StoredUpload, UploadTable } from './upload-table.ts';

const LONGEST_PAUSE_MS = 60_000;
const AT_ONCE = 100;

/**
 * Ends uploads that nobody ends: unfinished and unused ones when they expire, and those whose job was requested by a
 * process that died before it could say so, and what came too late through a presigned URL. Whatever somebody is working on is locked, and left alone.
 */
export function startUploadJanitor({
  table,
  locks,
  bytes,
  endings,
  commands,
  log,
  expiryMs,
}: {
  table: UploadTable;
  locks: UploadLocks;
  bytes: UploadBytes;
  endings: Endings;
  commands: CommandHandler;
  log: Logger;
  expiryMs: number;
}): { close(): Promise<void> } {
  let running = Promise.resolve();
  let isClosed = false;

  async function sweep(): Promise<void> {
    for (const { id, ...upload } of await table.due(AT_ONCE)) {
      if (isClosed) return;
      await locks
        .holdIfFree(bytes.name({ id, ...upload }), async () => {
          const now = await table.findDue(id);
          if (now) await see(now);
        })
        .catch((error: unknown) => log.warn({ err: error, upload_id: id }, 'could not end an upload'));
    }
  }

  /** What was put to a URL after its upload had ended or become a job. */
  async function sweepStrays(): Promise<void> {
    const ids: string[] = [];
    for await (const id of bytes.presigned()) ids.push(id);
    if (ids.length > 0) await bytes.removePresigned(await table.strays(ids));
  }

  async function see(upload: StoredUpload & { has_expired: boolean }): Promise<void> {
    const { id, job_id, picture_of, has_expired, is_used } = upload;
    const { state } = await commands.load(picture_of ?? job_id);
    if (!state || (picture_of !== null && !hasPicture(state, picture_of, id))) {
      if (!has_expired) return table.unclaim(id);
      await endings.discard(upload);
      log.info({ upload_id: id }, 'removed an expired upload');
      return;
    }
    if (!is_used && picture_of !== null) await endings.becamePicture(upload, picture_of);
    if (!is_used && picture_of === null) await endings.becameJob(upload, state);
    if (!has_expired) return;
    await table.remove(id);
  }

  const timer = setInterval(
    () => {
      running = running
        .then(sweep)
        .then(sweepStrays)
        .catch((error: unknown) => {
          log.warn({ err: error }, 'could not look for expired uploads');
        });
    },
    Math.min(LONGEST_PAUSE_MS, expiryMs / 4),
  );
  return {
    async close() {
      isClosed = true;
      clearInterval(timer);
      await running;
    },
  };
}
