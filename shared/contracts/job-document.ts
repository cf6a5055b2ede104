import { z } from 'zod';
import { MediaInfo } from './media.ts';
import { Outputs } from './outputs.ts';
import { Priority } from './priority.ts';

export const JobStatus = z.enum(['queued', 'processing', 'completed', 'failed', 'cancelled', 'deleted']);
export type JobStatus = z.infer<typeof JobStatus>;

export const TaskDocument = z.object({
  task_id: z.string(),
  kind: z.string(),
  status: z.enum(['pending', 'queued', 'running', 'waiting', 'succeeded', 'failed']),
  /** Attempts so far, including the current one. */
  attempts: z.number().int().nonnegative(),
  epoch: z.number().int().nonnegative(),
  worker_id: z.string().optional(),
  started_at: z.string().optional(),
  finished_at: z.string().optional(),
  error: z.string().optional(),
});
export type TaskDocument = z.infer<typeof TaskDocument>;

/** The read model of one job: a fold of its events, as projections store it and the query service reads it. */
export const JobDocument = z.object({
  job_id: z.uuid(),
  account_id: z.string(),
  /** Of the last event folded in. */
  revision: z.number().int().positive(),
  status: JobStatus,
  filename: z.string(),
  profile: z.string(),
  priority: Priority,
  metadata: z.record(z.string(), z.string()),
  /** Of a source by URL: as announced, then as fetched; 0 while nobody knows. */
  source_bytes: z.number(),
  source_url: z.string().optional(),
  created_at: z.string(),
  updated_at: z.string(),
  started_at: z.string().optional(),
  finished_at: z.string().optional(),
  media: MediaInfo.optional(),
  /** Names of the renditions planned, or all of the profile's that were skipped, before there are outputs. */
  planned: z.array(z.string()),
  tasks: z.array(TaskDocument),
  outputs: Outputs.optional(),
  degradations: z.array(z.string()),
  error: z.object({ code: z.string(), message: z.string(), task_id: z.string().optional() }).optional(),
});
export type JobDocument = z.infer<typeof JobDocument>;
