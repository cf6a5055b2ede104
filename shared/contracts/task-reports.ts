import { z } from 'zod';
import { jobEventSchemas } from './job-events.ts';

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

export function parseTaskReport(type: string, data: unknown): TaskReport {
  if (!Object.hasOwn(taskReportSchemas, type)) throw new Error(`Unknown task report type "${type}"`);
  return { type, data: taskReportSchemas[type as TaskReportType].parse(data) } as TaskReport;
}

/** A task on `transcodeflow.tasks.*`: everything that a processor needs. */
export const TaskMessage = jobEventSchemas.TaskScheduled.extend(reported);
export type TaskMessage = z.infer<typeof TaskMessage>;

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
