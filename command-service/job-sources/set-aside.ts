import { AppError } from '@transcodeflow/shared/errors.ts';
import type { Holder, Reservation, Reservations } from '../storage/reservations.ts';

/** Others may take of what is left between asking and reserving. */
const MOST_TRIES = 5;

/**
 * Sets bytes aside for a file that is still to be fetched: as many as are announced, else as many as it may have and
 * the quota has left.
 * @throws {AppError} quota_exceeded
 */
export async function setAside(
  reservations: Reservations,
  holder: Holder,
  { announced, most }: { announced: number | undefined; most: number },
): Promise<{ reservation: Reservation; bytes: number }> {
  for (let tries = 1; ; tries += 1) {
    // At least one byte, so that a full account is refused in the usual words.
    const bytes = Math.max(1, announced ?? Math.min(most, await left(reservations, holder)));
    try {
      return { reservation: await reservations.reserve(holder, bytes), bytes };
    } catch (error) {
      const isFull = error instanceof AppError && error.code === 'quota_exceeded';
      if (!isFull || announced !== undefined || tries === MOST_TRIES) throw error;
    }
  }
}

async function left(reservations: Reservations, { account_id, quota }: Holder): Promise<number> {
  if (quota === null) return Number.POSITIVE_INFINITY;
  const { used_bytes, reserved_bytes } = await reservations.usage(account_id);
  return quota - used_bytes - reserved_bytes;
}
