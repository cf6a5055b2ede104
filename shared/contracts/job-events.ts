import { z } from 'zod';
import { EncodingOptions } from './encoding-options.ts';
import { JobSource } from './job-source.ts';
import { MediaInfo } from './media.ts';
import { ObjectRef } from './object-ref.ts';
import { Outputs } from './outputs.ts';
import { Plan } from './plan.ts';
import { Priority } from './priority.ts';
import { TaskErrorInfo } from './task-error.ts';
import { TaskResult } from './task-results.ts';
import { TaskSpec } from './tasks.ts';
import { jobEventUpcasters, jobEventVersion } from './versions/job-event-upcasters.ts';
import { upcast } from './versions/upcast.ts';

/** An attempt: the fence. Reports about an older epoch, or from another worker, are refused. */
const Attempt = z.object({ task_id: z.string(), epoch: z.number().int().positive() });
const OwnedAttempt = Attempt.extend({ worker_id: z.string() });

const Requested = z.object({
  account_id: z.string(),
  filename: z.string(),
  source: JobSource,
  thumbnail: ObjectRef.optional(),
  watermark: ObjectRef.optional().describe('A picture to lay on the video.'),
  profile: z.string(),
  options: z.object({ language: z.string().optional(), ...EncodingOptions.shape }),
  priority: Priority,
  metadata: z.record(z.string(), z.string()),
  webhook: z.object({ url: z.string() }).optional().describe('Told of each change of this job.'),
  chunk_s: z
    .number()
    .positive()
    .optional()
    .describe('Long videos are encoded in chunks of about so many seconds; absent: whole.'),
});

/**
 * The events of a job, one schema per type: the public contract of the topic `transcodeflow.jobs`.
 * Past tense; a change that is not backward compatible makes a new version and an upcaster.
 */
export const jobEventSchemas = {
  JobRequested: Requested,
  SourceInspected: z.object({ media: MediaInfo }),
  JobPlanned: z.object({ plan: Plan }),
  TaskScheduled: Attempt.extend({
    kind: z.string(),
    priority: Priority,
    reason: z
      .enum(['planned', 'failed', 'lost', 'job_retried'])
      .describe('`planned` first, then why the task is dispatched again.'),
    spec: TaskSpec,
    postponed: z
      .number()
      .int()
      .positive()
      .optional()
      .describe(
        'How often the task was put off because the hardware had no place free, or the disk no space.',
      ),
  }),
  TaskStarted: OwnedAttempt.extend({
    kind: z.string(),
    tools: z.string().optional().describe("ffmpeg's version and where it was found."),
  }),
  TaskSucceeded: OwnedAttempt.extend({
    kind: z.string(),
    result: TaskResult,
    commands: z.array(z.array(z.string())).describe('The exact command lines that were run.'),
    wall_ms: z.number().nonnegative(),
  }),
  TaskFailed: OwnedAttempt.extend({
    kind: z.string(),
    error: TaskErrorInfo,
    commands: z.array(z.array(z.string())),
    retry_at: z.iso
      .datetime()
      .optional()
      .describe('When the next attempt is due; absent where there is none.'),
  }),
  TaskLost: OwnedAttempt.extend({
    kind: z.string(),
    reason: z.string(),
    retry_at: z.iso.datetime().optional(),
  }),
  AccelerationDegraded: OwnedAttempt.extend({ from: z.string(), to: z.string(), reason: z.string() }),
  JobCompleted: z.object({ outputs: Outputs }),
  JobFailed: z.object({ code: z.string(), reason: z.string(), task_id: z.string().optional() }),
  JobCancelled: z.object({ by: z.string(), reason: z.string().optional() }),
  JobRetried: z.object({ by: z.string() }),
  JobDeleted: z.object({ by: z.string() }),
} as const;

export type JobEventType = keyof typeof jobEventSchemas;
/** `{type, data}` of one job event, as `decide` returns it. */
export type JobEvent = {
  [T in JobEventType]: { type: T; data: z.infer<(typeof jobEventSchemas)[T]> };
}[JobEventType];
export type JobEventOf<T extends JobEventType> = Extract<JobEvent, { type: T }>;

export const isJobEventType = (type: string): type is JobEventType => Object.hasOwn(jobEventSchemas, type);

/**
 * Validates an event where it enters or is read back; an old version becomes the current one first.
 * @param version that the data was written in; only what was just made needs none
 * @throws {z.ZodError} for data that does not fit
 * @throws {UnknownEventTypeError}
 * @throws {NewerVersionError}
 */
export function parseJobEvent(type: string, data: unknown, version = jobEventVersion(type)): JobEvent {
  if (!isJobEventType(type)) throw new UnknownEventTypeError(type);
  const current = upcast(type, jobEventUpcasters[type], version, data);
  return { type, data: jobEventSchemas[type].parse(current) } as JobEvent;
}

export class UnknownEventTypeError extends Error {
  override name = 'UnknownEventTypeError';
  constructor(type: string) {
    super(`Unknown job event type "${type}": was it written by a newer version?`);
  }
}
