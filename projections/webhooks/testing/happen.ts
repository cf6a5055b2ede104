import { randomUUID } from 'node:crypto';
import { events } from '../../testing/histories.ts';
import type { Webhooks } from './bench.ts';

/** Events of as many jobs, one each. */
export async function happen(webhooks: Webhooks, count: number): Promise<string[]> {
  const jobs = Array.from({ length: count }, () => randomUUID());
  const messages = jobs.map((job) => webhooks.ofJob(job, events.requested(job)));
  await webhooks.publish(messages);
  return messages.map(({ headers }) => headers.ce_id ?? '');
}
