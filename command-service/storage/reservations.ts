/** Whoever bytes are set aside for. */
export interface Holder {
  /** The job's or upload's id. */
  id: string;
  kind: 'job' | 'upload';
  account_id: string;
  /** Bytes that the account may hold in all; null: no limit. */
  quota: number | null;
  /**
   * How long the reservation outlives its last renewal, in ms; default 2 minutes. After that the janitor removes it
   * with its objects: an upload that is kept for a day without a job is one with a lease of a day.
   */
  lease_ms?: number;
}

/**
 * Bytes set aside for one holder, until they are settled or released; fenced: after the lease has lapsed and somebody
 * else (the janitor, a second attempt) has taken them over, every call but `release` is refused.
 */
export interface Reservation {
  readonly lease_ms: number;
  /**
   * Holds this many bytes in all, if it held fewer, and renews the lease. A refused growth changes nothing.
   * @throws {AppError} quota_exceeded; upload_timed_out where the reservation is lost
   */
  grow(bytes: number): Promise<void>;
  /** Renews the lease. @throws {AppError} upload_timed_out */
  renew(): Promise<void>;
  /**
   * The final size: the lease ends, the bytes count as used. Repeating it changes nothing.
   * @throws {AppError} upload_timed_out; quota_exceeded where the size is above what was held
   */
  settle(bytes: number): Promise<void>;
  /** Gives the bytes back, if they are still held and not settled; to be called when the objects are gone. */
  release(): Promise<void>;
}

/** The bytes that accounts hold, against their quotas. */
export interface Reservations {
  /**
   * Sets bytes aside for `holder`. One that is reserved already is taken over: the new reservation fences the old one.
   * @throws {AppError} quota_exceeded; request_in_progress where the holder is settled or being removed just now
   */
  reserve(holder: Holder, bytes: number): Promise<Reservation>;
  /** Of a deleted job or upload; unknown ids are no error. */
  release(id: string): Promise<void>;
  /**
   * An upload became a job's source: the bytes stay counted, now for the job and with a lease of 2 minutes, within
   * which the job is to be appended and then settled. What is not settled the janitor settles where the job exists, and
   * removes with `jobs/{id}/` where not. Repeating it after a crash hands out the job's reservation again.
   * @throws {AppError} upload_timed_out where neither holds anything
   */
  transfer(uploadId: string, jobId: string): Promise<Reservation>;
  /**
   * What a settled holder turned out to store, such as a source that was fetched after its job was accepted. `held` is
   * asked while the row is locked, so that no answer replaces a later one; nothing held: the row goes. Never refused;
   * unknown ids and those that are still reserved are no error and stay as they are.
   */
  correct(id: string, held: () => Promise<number | undefined>): Promise<void>;
  /**
   * An upload's bytes become part of what a job holds: the one's row goes and the other's is set to what `held` tells, in
   * one transaction and never refused, for they were counted before. Repeating it changes nothing.
   * @returns false, with nothing changed, where the job's own row is not there yet
   */
  absorb(uploadId: string, jobId: string, held: () => Promise<number | undefined>): Promise<boolean>;
  /** Zeros for accounts that never held anything. */
  usage(account_id: string): Promise<Usage>;
}

export interface Usage {
  /** Of accepted jobs and finished uploads. */
  used_bytes: number;
  /** Set aside for uploads under way. */
  reserved_bytes: number;
}
