import { AppError } from '@transcodeflow/shared/errors.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Holder, Reservation, Reservations } from './reservations.ts';

/** Set aside ahead of bytes whose number nobody announced: one statement per so many. */
const STEP = 16 * 1024 ** 2;
/** Renewals in the time of a lease. */
const TURNS = 4;

/** The bytes of something that is being received: reserved before they are stored, and kept while they flow. */
export interface Holding {
  readonly reservation: Reservation;
  /**
   * To be awaited (where it is a promise) before so many more bytes are stored.
   * @throws {AppError} quota_exceeded, upload_timed_out
   */
  take(bytes: number): Promise<void> | undefined;
  /** Aborted, with the refusal as reason, when the reservation is lost or nothing came for the time of a lease. */
  readonly signal: AbortSignal;
  /** While `isBusy` says so the lease is renewed without bytes: when the store is slow, or all is there. */
  watch(isBusy: () => boolean): void;
  /** Ends the renewals; the reservation itself is settled or released apart from it, or left to the janitor. */
  close(): void;
}

/**
 * Reserves `expected` bytes for `holder` and more as they come: exactly what comes where `isAnnounced`, and otherwise
 * ahead in steps of 16 MiB, smaller ones where the quota has no room for them, so that what fits exactly is admitted.
 * @throws {AppError} quota_exceeded, request_in_progress
 */
export async function hold(
  reservations: Reservations,
  holder: Holder,
  { expected, isAnnounced, log }: { expected: number; isAnnounced: boolean; log: Logger },
): Promise<Holding> {
  const reservation = await reservations.reserve(holder, expected);
  const ended = new AbortController();
  let [held, taken, step] = [expected, 0, isAnnounced ? 0 : STEP];
  let growing: Promise<void> = Promise.resolve();
  let isBusy = () => false;
  /** Turns of the timer since the last bytes: unlike time they do not pass while this process is starved. */
  let silentTurns = 0;

  async function grow(): Promise<void> {
    while (taken > held) {
      const wanted = taken + step;
      try {
        await reservation.grow(wanted);
        held = wanted;
      } catch (error) {
        if (!isQuotaExceeded(error) || step === 0) throw error;
        step = Math.floor(step / 2);
      }
    }
  }

  const renew = () =>
    reservation.renew().catch((error: unknown) => {
      if (error instanceof AppError) ended.abort(error);
      else
        log.warn(
          { err: error, holder: holder.id },
          'could not renew the lease of an upload; tried again soon',
        );
    });
  const timer = setInterval(() => {
    silentTurns = isBusy() ? 0 : silentTurns + 1;
    if (silentTurns <= TURNS) void renew();
    else ended.abort(stalled(reservation.lease_ms));
  }, reservation.lease_ms / TURNS);

  return {
    reservation,
    signal: ended.signal,
    take(bytes) {
      taken += bytes;
      silentTurns = 0;
      if (taken <= held) return undefined;
      growing = growing.then(grow);
      return growing;
    },
    watch(probe) {
      isBusy = probe;
    },
    close: () => clearInterval(timer),
  };
}

const isQuotaExceeded = (error: unknown) => error instanceof AppError && error.code === 'quota_exceeded';

const stalled = (leaseMs: number) =>
  new AppError(
    'upload_timed_out',
    `Nothing of this upload arrived for ${leaseMs / 1000} seconds; send it again`,
  );
