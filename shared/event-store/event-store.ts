/** What accompanies an event without being part of the fact. */
export interface EventMetadata {
  /** One per request of a client, kept through everything that follows from it. */
  correlation_id: string;
  /** The id of the message or event that led to this one. */
  causation_id?: string;
  /** W3C trace context. */
  traceparent?: string;
}

export interface NewEvent {
  type: string;
  data: unknown;
}

export interface StoredEvent {
  id: string;
  stream: string;
  /** Number in its stream, from 1 without gaps. */
  revision: number;
  /** Place in the whole store; grows, with gaps; not in commit order. */
  position: bigint;
  type: string;
  /** Version of the type's schema. */
  version: number;
  data: unknown;
  metadata: EventMetadata;
  /** ISO 8601, the store's clock. */
  time: string;
}

export interface EventStore {
  /**
   * Appends all events or none, if the stream's last revision is the expected one (0: the stream does not exist).
   * What is appended is published later without fail: the outbox row is part of the same transaction.
   * @throws {RevisionConflictError}
   */
  append(
    stream: string,
    expectedRevision: number,
    events: readonly NewEvent[],
    metadata: EventMetadata,
  ): Promise<StoredEvent[]>;
  /** From the first event, or from `from` on; empty for a stream that does not exist. */
  read(stream: string, from?: number): Promise<StoredEvent[]>;
  /**
   * All events whose position is above `after` and at most `upTo`, in order of position, a page at a time. For
   * rebuilds. Complete only up to a `frontier()` that was asked for before; beyond it some may not be visible yet.
   */
  readAll(after: bigint, limit: number, upTo?: bigint): Promise<StoredEvent[]>;
  /**
   * A position up to which nothing more can appear: every event there has committed, and whatever commits from now on
   * lies above it. At least as high as all that was appended before the call; 0 for an empty store.
   */
  frontier(signal?: AbortSignal): Promise<bigint>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Somebody else appended first: read the stream again and decide again. */
export class RevisionConflictError extends Error {
  override name = 'RevisionConflictError';
  readonly stream: string;
  readonly expectedRevision: number;
  constructor(stream: string, expectedRevision: number, options?: ErrorOptions) {
    super(`Stream ${stream} is not at revision ${expectedRevision}`, options);
    this.stream = stream;
    this.expectedRevision = expectedRevision;
  }
}
