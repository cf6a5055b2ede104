import type { TaskReportType } from '../task-reports.ts';
import type { Upcasters } from './upcast.ts';
import { videoBecomesOptional } from './video-becomes-optional.ts';

/** As for job events: reports of processors that are older than the process manager are understood. */
export const taskReportUpcasters: Record<TaskReportType, Upcasters> = {
  TaskStarted: [],
  TaskSucceeded: [videoBecomesOptional],
  TaskFailed: [],
  AccelerationDegraded: [],
};
