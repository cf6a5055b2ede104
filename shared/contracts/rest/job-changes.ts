import { z } from 'zod';

/** Of a job, in the path. */
export const JobPath = z.object({ id: z.uuid().describe("The job's id.") });

/** Makes a call safe to repeat: the same key gives the same answer, and the work is done once. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/)
  .describe(
    'Makes the call safe to repeat: the same key gives the same answer for 24 h, the work is done once.',
  );
export const IdempotencyHeader = z.object({ 'Idempotency-Key': IdempotencyKey.optional() });

export const CancelledJob = z
  .strictObject({ job_id: z.uuid(), status: z.literal('cancelled') })
  .meta({ id: 'CancelledJob' });
export const RetriedJob = z
  .strictObject({ job_id: z.uuid(), status: z.literal('queued') })
  .meta({ id: 'RetriedJob' });
export const DeletedJob = z
  .strictObject({ job_id: z.uuid(), deleted: z.literal(true) })
  .meta({ id: 'DeletedJob' });
