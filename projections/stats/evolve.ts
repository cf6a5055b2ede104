import type { JobStatus } from '@transcodeflow/shared/contracts/job-document.ts';
import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import type { Outputs } from '@transcodeflow/shared/contracts/outputs.ts';

/** What one job adds to the figures of its account. */
export interface Share {
  job_id: string;
  account_id: string;
  revision: number;
  status: JobStatus;
  source_bytes: number;
  output_bytes: number;
  requested_at: string;
  /** From request to completion, in milliseconds; 0 until then. */
  turnaround_ms: number;
}

export function evolve(share: Share | undefined, { job_id, event, revision, time }: JobEventEnvelope): Share {
  if (event.type === 'JobRequested')
    return {
      job_id,
      account_id: event.data.account_id,
      revision,
      status: 'queued',
      source_bytes: 'key' in event.data.source ? event.data.source.size_bytes : 0,
      output_bytes: 0,
      requested_at: time,
      turnaround_ms: 0,
    };
  if (!share) throw new Error(`Job ${job_id}: ${event.type} before JobRequested`);
  const next = { ...share, revision };
  switch (event.type) {
    case 'TaskStarted':
      return { ...next, status: 'processing' };
    case 'TaskSucceeded': {
      const { result } = event.data;
      return result.kind === 'ingest' ? { ...next, source_bytes: result.source.size_bytes } : next;
    }
    case 'JobCompleted':
      return {
        ...next,
        status: 'completed',
        output_bytes: sizeOf(event.data.outputs),
        turnaround_ms: Math.max(0, Date.parse(time) - Date.parse(share.requested_at)),
      };
    case 'JobFailed':
      return { ...next, status: 'failed' };
    case 'JobCancelled':
      return { ...next, status: 'cancelled' };
    case 'JobRetried':
      return { ...next, status: 'queued' };
    case 'JobDeleted':
      return { ...next, status: 'deleted', output_bytes: 0 };
    default:
      return next;
  }
}

const sizeOf = (outputs: Outputs): number =>
  // One object may have two names.
  [...new Map(Object.values(outputs.files).map((file) => [file.key, file])).values()].reduce(
    (sum, file) => sum + file.size_bytes,
    outputs.hls.available ? outputs.hls.size_bytes : 0,
  );
