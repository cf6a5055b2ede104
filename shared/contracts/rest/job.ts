import { z } from 'zod';
import { JobDocument, JobStatus, TaskDocument } from '../job-document.ts';
import { MediaInfo } from '../media.ts';
import { JobOutputs } from './job-outputs.ts';

/** Deleted jobs are shown nowhere. */
export const ShownStatus = JobStatus.exclude(['deleted']).meta({ id: 'JobStatus' });

const moment = z.iso.datetime();
const percent = z.number().int().min(0).max(100);

/** One piece of a job's work, with its live figures while it runs. */
export const Task = z
  .strictObject({
    ...TaskDocument.shape,
    started_at: moment.optional(),
    finished_at: moment.optional(),
    progress: percent,
    speed: z.number().nonnegative().optional().describe('Seconds of video per second.'),
    fps: z.number().nonnegative().optional(),
    eta_s: z.number().nonnegative().optional(),
  })
  .meta({ id: 'Task' });

const { job_id, revision, filename, profile, priority, metadata, degradations, error } = JobDocument.shape;

/** A job as the API shows it. */
export const Job = z
  .strictObject({
    job_id,
    revision: revision.describe('Of its last event; `min_revision` and `as_of` take it.'),
    status: ShownStatus,
    progress: percent,
    filename,
    profile,
    priority,
    metadata,
    source: z.strictObject({
      size_bytes: z
        .number()
        .int()
        .positive()
        .optional()
        .describe(
          'Of a source by URL as its server announced it, until it was fetched; absent while unknown.',
        ),
      url: z.string().optional().describe('Where the source was, or is, fetched from.'),
      media: MediaInfo.optional(),
    }),
    created_at: moment,
    updated_at: moment,
    started_at: moment.optional(),
    finished_at: moment.optional(),
    tasks: z.array(Task),
    outputs: JobOutputs,
    degradations: degradations.describe('Where hardware had to give way to software, and why.'),
    error: error.describe('Why a failed job failed.'),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof Job>;
