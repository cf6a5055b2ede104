import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { LiveProgress } from '../progress/live-progress.ts';
import { presentOutputs } from './present-outputs.ts';
import { presentProgress } from './present-progress.ts';

/** A job as the API shows it. */
export function presentJob(document: JobDocument, live: Pick<LiveProgress, 'of'>, origin: string): object {
  const {
    account_id: _,
    planned: __,
    outputs: ___,
    tasks: ____,
    source_bytes,
    source_url,
    media,
    ...rest
  } = document;
  return {
    ...rest,
    source: {
      // Nothing is accepted that is empty: 0 is a source by URL whose size nobody knows yet.
      ...(source_bytes > 0 ? { size_bytes: source_bytes } : {}),
      ...(source_url ? { url: source_url } : {}),
      ...(media ? { media } : {}),
    },
    ...presentProgress(document, live),
    outputs: presentOutputs(document, `${origin}/api/jobs/${document.job_id}/outputs`),
  };
}
