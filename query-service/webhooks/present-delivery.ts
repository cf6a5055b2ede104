import type { Delivery, DeliveryAttempt } from '@transcodeflow/shared/contracts/rest/webhooks.ts';

type Times<T, K extends keyof T> = Omit<T, K> & { [P in K]: null extends T[P] ? Date | null : Date };

export type DeliveryRow = Times<
  Omit<Delivery, 'next_attempt_at' | 'last_status_code'>,
  'created_at' | 'finished_at'
> & { account_id: string; due_at: Date; last_status: number | null };
export type AttemptRow = Times<DeliveryAttempt, 'started_at' | 'finished_at'>;

/** Of a delivery that is under way the next attempt is the one that would take it over. */
export const presentDelivery = (row: DeliveryRow): Delivery => ({
  id: row.id,
  event_id: row.event_id,
  event: row.event,
  job_id: row.job_id,
  endpoint_id: row.endpoint_id,
  url: row.url,
  status: row.status,
  attempts: row.attempts,
  next_attempt_at: row.status === 'pending' ? row.due_at.toISOString() : null,
  last_status_code: row.last_status,
  last_error: row.last_error,
  created_at: row.created_at.toISOString(),
  finished_at: row.finished_at?.toISOString() ?? null,
});

export const presentAttempt = (row: AttemptRow): DeliveryAttempt => ({
  ...row,
  started_at: row.started_at.toISOString(),
  finished_at: row.finished_at?.toISOString() ?? null,
});
