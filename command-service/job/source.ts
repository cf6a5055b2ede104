import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import { isOpen, type Job, resultOf } from './state.ts';

/** The video in the object store; undefined as long as it was not fetched. */
export function storedSource(job: Job): ObjectRef | undefined {
  const { source } = job.request;
  return 'key' in source ? source : resultOf(job, 'ingest')?.source;
}

/** What a request sets aside: the bytes of what is stored, and as many as may be fetched. */
export const requestedBytes = (request: Brought & Pick<Job['request'], 'source'>): number =>
  ('key' in request.source ? request.source.size_bytes : request.source.most_bytes) + picturesOf(request);

type Brought = Pick<Job['request'], 'thumbnail' | 'watermark'>;

const picturesOf = ({ thumbnail, watermark }: Brought): number =>
  (thumbnail?.size_bytes ?? 0) + (watermark?.size_bytes ?? 0);

/**
 * What a job counts for: source and thumbnail as they are stored, and until a source was fetched what is set aside for
 * it. Nothing where it has none and nobody is fetching it: the job ended before, or is deleted.
 */
export function heldBytes(job: Job): number | undefined {
  if (job.status === 'deleted') return undefined;
  const stored = storedSource(job);
  if (stored) return stored.size_bytes + picturesOf(job.request);
  return isOpen(job) ? requestedBytes(job.request) : undefined;
}
