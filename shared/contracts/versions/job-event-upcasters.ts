import type { JobEventType } from '../job-events.ts';
import { currentVersion, type Upcasters } from './upcast.ts';
import { videoBecomesOptional } from './video-becomes-optional.ts';

/**
 * How old versions of each job event become the current one. A new version of an event is: its schema changed in
 * job-events.ts, an upcaster here, and a golden fixture of it (docs/contracts/README.md).
 */
export const jobEventUpcasters: Record<JobEventType, Upcasters> = {
  JobRequested: [],
  SourceInspected: [videoBecomesOptional],
  JobPlanned: [],
  TaskScheduled: [videoBecomesOptional],
  TaskStarted: [],
  TaskSucceeded: [videoBecomesOptional],
  TaskFailed: [],
  TaskLost: [],
  AccelerationDegraded: [],
  JobCompleted: [],
  JobFailed: [],
  JobCancelled: [],
  JobRetried: [],
  JobDeleted: [],
};

const upcastersOf = (type: string): Upcasters =>
  Object.hasOwn(jobEventUpcasters, type) ? jobEventUpcasters[type as JobEventType] : [];

/** The version that events of a type are written in. */
export const jobEventVersion = (type: string): number => currentVersion(upcastersOf(type));
