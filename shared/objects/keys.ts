/** Every object of a job lies below this prefix, so that nothing of it can be forgotten. */
export const jobPrefix = (jobId: string): string => `jobs/${jobId}/`;

export const sourceKey = (jobId: string): string => `${jobPrefix(jobId)}source`;
export const uploadedThumbnailKey = (jobId: string): string => `${jobPrefix(jobId)}thumbnail`;

export const uploadedWatermarkKey = (jobId: string): string => `${jobPrefix(jobId)}watermark`;

/** Of a picture that was uploaded before the job was asked for: named after its upload, so that the job tells which. */
export const pictureKey = (jobId: string, uploadId: string): string => `${picturesPrefix(jobId)}${uploadId}`;
export const picturesPrefix = (jobId: string): string => `${jobPrefix(jobId)}pictures/`;

/** The fence of objects: an attempt writes below its own prefix and nowhere else. */
export const attemptPrefix = (jobId: string, taskId: string, epoch: number, workerId: string): string =>
  `${jobPrefix(jobId)}tasks/${taskId}/${epoch}-${workerId}/`;
