import { pictureKey } from '@transcodeflow/shared/objects/keys.ts';
import type { Job } from '../job/state.ts';

/** Whether the job was requested with this upload as its thumbnail or watermark: the copy's key says so. */
export const hasPicture = ({ request }: Job, jobId: string, uploadId: string): boolean =>
  [request.thumbnail, request.watermark].some((picture) => picture?.key === pictureKey(jobId, uploadId));
