import type { StoredUpload } from './upload-table.ts';

/** What became of a used upload, or is being made of a claimed one; for people. */
export const useOfUpload = ({ job_id, picture_of }: Pick<StoredUpload, 'job_id' | 'picture_of'>): string =>
  picture_of === null ? `the source of job ${job_id}` : `a picture of job ${picture_of}`;
