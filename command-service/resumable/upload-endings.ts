import { AppError } from '@transcodeflow/shared/errors.ts';
import type { CommandHandler } from '../command-handler.ts';
import { heldBytes } from '../job/source.ts';
import type { Job } from '../job/state.ts';
import type { Reservations } from '../storage/reservations.ts';
import type { UploadBytes } from './upload-bytes.ts';
import type { StoredUpload, UploadTable } from './upload-table.ts';

/** Both may be repeated: whoever comes after a crash does it again, from the beginning. Under the upload's lock. */
export interface Endings {
  /** The upload is no more: its bytes, its quota, its row, in this order, so that a crash leaves the row. */
  discard(upload: StoredUpload): Promise<void>;
  /** The job is there: its bytes count for it, and what only the upload needed goes. */
  becameJob(upload: StoredUpload, job: Job): Promise<void>;
  /**
   * The job is there and has its copy: the upload's own bytes go, and count for the job from now on. Left to a later time
   * where those of the job's source do not yet.
   */
  becamePicture(upload: StoredUpload, jobId: string): Promise<void>;
}

export function uploadEndings({
  table,
  bytes,
  reservations,
  commands,
}: {
  commands: CommandHandler;
  table: UploadTable;
  bytes: UploadBytes;
  reservations: Reservations;
}): Endings {
  return {
    async discard(upload) {
      await bytes.discard(upload);
      await reservations.release(upload.id);
      await table.remove(upload.id);
    },
    async becameJob(upload, job) {
      await transfer(upload, job.request.source.size_bytes ?? upload.size_bytes ?? 0);
      // It may have been deleted before the bytes were its own.
      if (job.status === 'deleted') await reservations.release(upload.job_id);
      await bytes.tidy(upload);
      await table.setUsed(upload.id);
    },
    async becamePicture(upload, jobId) {
      const isCounted = await reservations.absorb(upload.id, jobId, async () => {
        const { state } = await commands.load(jobId);
        return state && heldBytes(state);
      });
      if (!isCounted) return;
      await bytes.discard(upload);
      await table.setUsed(upload.id);
    },
  };

  async function transfer({ id, job_id }: StoredUpload, size: number): Promise<void> {
    try {
      const reservation = await reservations.transfer(id, job_id);
      await reservation.settle(size);
    } catch (error) {
      // Settled by an earlier try, or deleted with the job.
      if (!(error instanceof AppError) || error.code !== 'upload_timed_out') throw error;
    }
  }
}
