import { z } from 'zod';
import { jobEventSchemas } from '../job-events.ts';

const entry = {
  job_id: z.uuid(),
  revision: z.number().int().positive(),
  id: z.uuid(),
  time: z.iso.datetime(),
  correlation_id: z.string().describe('The id of the request that led to it.'),
};

const [first, ...others] = Object.entries(jobEventSchemas).map(([type, data]) =>
  z.strictObject({ ...entry, type: z.literal(type), data }).meta({ id: `${type}Entry` }),
);
if (!first) throw new Error('A job has events');

/** One event of a job, with the data of its type: the same as on the topic `transcodeflow.jobs`. */
export const HistoryEntry = z.union([first, ...others]).meta({
  id: 'HistoryEntry',
  description:
    'One event of a job, with the data of its type: the same as on the topic `transcodeflow.jobs`.',
});

export const JobHistory = z
  .strictObject({ job_id: z.uuid(), events: z.array(HistoryEntry).min(1) })
  .meta({ id: 'JobHistory' });
export type JobHistory = z.infer<typeof JobHistory>;
