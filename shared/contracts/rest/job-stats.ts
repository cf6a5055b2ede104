import { z } from 'zod';
import type { ShownStatus } from './job.ts';

const count = z.number().int().nonnegative();

/** Figures over all of an account's jobs that were not deleted. */
export const JobStats = z
  .strictObject({
    total_jobs: count,
    status_breakdown: z.strictObject({
      queued: count,
      processing: count,
      completed: count,
      failed: count,
      cancelled: count,
    } satisfies Record<z.infer<typeof ShownStatus>, typeof count>),
    success_rate: z
      .number()
      .min(0)
      .max(100)
      .nullable()
      .describe('In %, of finished jobs: completed / (completed + failed); null while none has finished.'),
    average_turnaround_s: z
      .number()
      .nonnegative()
      .nullable()
      .describe('From the request to the completion; null while no job has completed.'),
    source_bytes: count,
    output_bytes: count,
  })
  .meta({ id: 'JobStats' });
export type JobStats = z.infer<typeof JobStats>;
