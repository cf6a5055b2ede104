import type { z } from 'zod';
import { type AccountEventType, accountEventSchemas } from '../account-events.ts';
import { AttemptRefused } from '../attempt-refused.ts';
import { type JobEventType, jobEventSchemas } from '../job-events.ts';
import { TaskProgress, type TaskReportType, taskReportSchemas, taskReportVersion } from '../task-reports.ts';
import { accountEventVersion } from '../versions/account-event-upcasters.ts';
import { dataSchema, type Family } from '../versions/data-schema.ts';
import { jobEventVersion } from '../versions/job-event-upcasters.ts';
import { accountEventDescriptions, jobEventDescriptions, taskReportDescriptions } from './descriptions.ts';

/** One kind of message in its current version. */
export interface Contract {
  family: Family;
  type: string;
  version: number;
  description: string;
  schema: z.ZodType;
}

const jobEventTypes = Object.keys(jobEventSchemas) as JobEventType[];
const accountEventTypes = Object.keys(accountEventSchemas) as AccountEventType[];
const taskReportTypes = Object.keys(taskReportSchemas) as TaskReportType[];

/** Every message that leaves the system; the tasks' messages are the job events `TaskScheduled`. */
export const catalogue: readonly Contract[] = [
  ...jobEventTypes.map((type) => ({
    family: 'job-event' as const,
    type,
    version: jobEventVersion(type),
    description: jobEventDescriptions[type],
    schema: jobEventSchemas[type],
  })),
  ...accountEventTypes.map((type) => ({
    family: 'account-event' as const,
    type,
    version: accountEventVersion(type),
    description: accountEventDescriptions[type],
    schema: accountEventSchemas[type],
  })),
  ...taskReportTypes.map((type) => ({
    family: 'task-report' as const,
    type,
    version: taskReportVersion(type),
    description: taskReportDescriptions[type],
    schema: taskReportSchemas[type],
  })),
  {
    family: 'task-progress',
    type: 'TaskProgress',
    version: 1,
    description: 'About once a second for each running task: its progress, and the heartbeat that owns it.',
    schema: TaskProgress,
  },
  {
    family: 'attempt-refused',
    type: 'AttemptRefused',
    version: 1,
    description: 'The answer to a report about an attempt that the reporting worker does not own.',
    schema: AttemptRefused,
  },
];

type Named = Pick<Contract, 'family' | 'type' | 'version'>;

export const schemaId = ({ family, type, version }: Named): string => dataSchema(family, type, version);
/** Below docs/contracts/schemas and docs/contracts/published. */
export const schemaPath = ({ family, type, version }: Named): string => `${family}/${type}.v${version}.json`;
