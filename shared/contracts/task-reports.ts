import { z } from 'zod';
import type { CloudEvent } from './cloud-event.ts';
import { jobEventSchemas } from './job-events.ts';
import { versionIn } from './versions/data-schema.ts';
import { jobEventUpcasters } from './versions/job-event-upcasters.ts';
import { taskReportUpcasters } from './versions/report-upcasters.ts';
import { currentVersion, upcast } from './versions/upcast.ts';

const reported = { job_id: z.uuid() };

/**
 * What processors report on `transcodeflow.processing`: facts for the process manager, which decides in the
 * job's stream whether they become events.
 */
export const taskReportSchemas = {
  TaskStarted: jobEventSchemas.TaskStarted.extend(reported),
  TaskSucceeded: jobEventSchemas.TaskSucceeded.extend(reported),
  TaskFailed: jobEventSchemas.TaskFailed.omit({ retry_at: true }).extend(reported),
  AccelerationDegraded: jobEventSchemas.AccelerationDegraded.extend(reported),
} as const;

export type TaskReportType = keyof typeof taskReportSchemas;
export type TaskReport = {
  [T in TaskReportType]: { type: T; data: z.infer<(typeof taskReportSchemas)[T]> };
}[TaskReportType];

const isTaskReportType = (type: string): type is TaskReportType => Object.hasOwn(taskReportSchemas, type);

/** The version that reports of a type are written in. */
export const taskReportVersion = (type: TaskReportType): number => currentVersion(taskReportUpcasters[type]);

/**
 * @param version that the data was written in; only what was just made needs none
 * @throws {z.ZodError} for data that does not fit
 * @throws {NewerVersionError}
 */
export function parseTaskReport(type: string, data: unknown, version?: number): TaskReport {
  if (!isTaskReportType(type)) throw new Error(`Unknown task report type "${type}"`);
  const current = upcast(type, taskReportUpcasters[type], version ?? taskReportVersion(type), data);
  return { type, data: taskReportSchemas[type].parse(current) } as TaskReport;
}

/** A task on `transcodeflow.tasks.*`: everything that a processor needs. */
export const TaskMessage = jobEventSchemas.TaskScheduled.extend(reported);
export type TaskMessage = z.infer<typeof TaskMessage>;

/**
 * The job event `TaskScheduled` as a processor takes it, in its current version.
 * @throws {z.ZodError | NewerVersionError}
 */
export function taskFrom({ subject, data, dataschema }: CloudEvent): TaskMessage {
  const current = upcast('TaskScheduled', jobEventUpcasters.TaskScheduled, versionIn(dataschema), data);
  return TaskMessage.parse({ job_id: subject, ...Object(current) });
}

/** On `transcodeflow.progress`, about once a second for each running task: the heartbeat that owns it. */
export const TaskProgress = z.object({
  ...reported,
  task_id: z.string(),
  epoch: z.number().int().positive(),
  worker_id: z.string(),
  kind: z.string(),
  fraction: z.number().min(0).max(1).describe('0 to 1 of the task.'),
  speed: z.number().nonnegative().optional().describe('Multiples of real time.'),
  fps: z.number().nonnegative().optional(),
  eta_s: z.number().nonnegative().optional().describe('Seconds left of the task.'),
});
export type TaskProgress = z.infer<typeof TaskProgress>;
