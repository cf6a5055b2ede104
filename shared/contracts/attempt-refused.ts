import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import type { OutgoingMessage } from '../bus/bus.ts';
import { toMessage } from './cloud-event.ts';
import { topics } from './topics.ts';
import { dataSchema } from './versions/data-schema.ts';

const NAMESPACE = '5f4d6c1e-7a53-4d2a-9f0e-7b1c2d3e4f50';

/**
 * On `transcodeflow.control`: the answer to a report about an attempt that the reporting worker does not own. No
 * event: it states nothing new, and the same report gets the same answer again.
 */
export const AttemptRefused = z.object({
  job_id: z.uuid(),
  task_id: z.string(),
  epoch: z.number().int().positive(),
  worker_id: z.string(),
  reason: z.string(),
});
export type AttemptRefused = z.infer<typeof AttemptRefused>;

/** @param reportId the refused report's `ce_id` */
export const attemptRefused = (data: AttemptRefused, reportId: string): OutgoingMessage =>
  toMessage(topics.control, data.job_id, {
    id: uuidv5(reportId, NAMESPACE),
    type: 'AttemptRefused',
    source: '/transcodeflow/process-manager',
    subject: data.job_id,
    time: new Date().toISOString(),
    dataschema: dataSchema('attempt-refused', 'AttemptRefused', 1),
    causationid: reportId,
    data,
  });
