import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@transcodeflow/shared/errors.ts';
import type { Identity } from '@transcodeflow/shared/http/app-state.ts';
import { requestedBytes, storedSource } from '../job/source.ts';
import type { JobState } from '../job/state.ts';
import type { Reservation, Reservations } from '../storage/reservations.ts';

const POLL_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/**
 * A job that failed before its source was fetched holds no bytes any more: they are set aside again before it is
 * retried. They may not be released yet, where the failure is only just known; that is waited for.
 * @returns nothing where the job has its source, or is not to be retried
 * @throws {AppError} quota_exceeded, request_in_progress
 */
export async function holdForRetry(
  reservations: Reservations,
  jobId: string,
  state: JobState,
  { account_id, storage_quota_bytes: quota }: Identity,
): Promise<{ reservation: Reservation; bytes: number } | undefined> {
  if (state?.status !== 'failed' || storedSource(state)) return undefined;
  const bytes = requestedBytes(state.request);
  const deadline = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    try {
      const reservation = await reservations.reserve({ id: jobId, kind: 'job', account_id, quota }, bytes);
      return { reservation, bytes };
    } catch (error) {
      const isHeld = error instanceof AppError && error.code === 'request_in_progress';
      if (!isHeld || Date.now() > deadline) throw error;
      await sleep(POLL_MS);
    }
  }
}
