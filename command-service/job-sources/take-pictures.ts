import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import { pictureKey, sourceKey } from '@transcodeflow/shared/objects/keys.ts';
import { hasPicture } from '../resumable/has-picture.ts';
import type { StoredUpload } from '../resumable/upload-table.ts';
import type { RouteDependencies } from '../routes/dependencies.ts';
import { checkPictureUpload } from './check-picture-upload.ts';
import type { JobOrder, Pictures } from './job-order.ts';
import { namedUpload } from './named-upload.ts';
import { pictureUse } from './picture-use.ts';

/** What the event names it, the upload that it is, and the field that says so. */
export interface WantedPicture {
  use: 'thumbnail' | 'watermark';
  upload_id: string;
  field: string;
}

type Caller = Pick<JobOrder<unknown>, 'identity' | 'attempt' | 'log' | 'signal'>;

/**
 * Requests a job with pictures that were uploaded before, all of them locked meanwhile. Its event decides whether they
 * were taken, for it names copies after their uploads; before it they are as they were, and after it whoever comes next
 * (this request, its repetition, the janitor) removes the uploads and counts their bytes for the job.
 */
export const takePictures = ({ uploads, commands, objects }: RouteDependencies) => {
  return async <T>(
    wanted: readonly WantedPicture[],
    caller: Caller,
    request: (pictures: Pictures) => Promise<T>,
  ): Promise<T> => {
    const { identity, attempt, log, signal } = caller;
    const { table, bytes, endings, locks } = uploads;
    const named = (picture: WantedPicture) => namedUpload(table, picture.upload_id, picture.field, identity);
    let jobId: string | undefined;

    async function check(picture: WantedPicture): Promise<void> {
      const upload = await named(picture);
      // A repeated request finds its job, whose event has the picture already.
      if ((await pictureUse(commands, upload, attempt.jobId)) === 'free')
        await checkPictureUpload({ bytes, objects }, upload, picture.field, signal);
    }

    async function place(forJob: string): Promise<Awaited<ReturnType<Pictures['place']>>> {
      jobId = forJob;
      const refs: Partial<Record<WantedPicture['use'], ObjectRef>> = {};
      for (const { use, ...picture } of wanted) {
        const upload = await named({ use, ...picture });
        await table.claim(upload.id, attempt.jobId, forJob);
        const key = pictureKey(forJob, upload.id);
        const { size } = await objects.copy(sourceKey(upload.job_id), key, { signal });
        refs[use] = { key, size_bytes: size, content_type: 'application/octet-stream' };
      }
      return refs;
    }

    /** What fails here, or whose outcome nobody knows, is left to the janitor. */
    async function end(): Promise<void> {
      for (const picture of wanted) {
        const upload = await table.find(picture.upload_id);
        if (!upload || upload.is_used || upload.claim !== attempt.jobId || upload.picture_of === null)
          continue;
        const { state } = await commands.load(upload.picture_of);
        if (state && hasPicture(state, upload.picture_of, upload.id))
          await endings.becamePicture(upload, upload.picture_of);
        else if (jobId !== undefined) await letGo(upload, jobId);
      }
    }

    async function letGo(upload: StoredUpload, forJob: string): Promise<void> {
      await objects.remove([pictureKey(forJob, upload.id)]);
      await table.unclaim(upload.id);
    }

    async function underLocks(left: readonly WantedPicture[]): Promise<T> {
      const [picture, ...others] = left;
      if (picture) return locks.hold(bytes.name(await named(picture)), signal, () => underLocks(others));
      for (const each of wanted) await check(each);
      try {
        return await request({ place });
      } finally {
        await end().catch((error: unknown) =>
          log.warn({ err: error }, 'could not finish the pictures of a job'),
        );
      }
    }

    // In one order, so that two requests with the same pictures do not wait for one another.
    return underLocks([...wanted].sort((a, b) => (a.upload_id < b.upload_id ? -1 : 1)));
  };
};
