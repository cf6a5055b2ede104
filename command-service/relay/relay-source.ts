import type { OutgoingMessage } from '@transcodeflow/shared/bus/bus.ts';

export interface Batch {
  /** Oldest first. */
  messages: OutgoingMessage[];
  /** To be called after the bus has acknowledged all of them: they are not handed out again, not even after a crash. */
  done(): Promise<void>;
}

/** What one topic's lane publishes, in the order of each job's stream. */
export interface LaneSource {
  /**
   * The oldest messages that are not yet done, `most` at most. None: nothing came within about a second, or aborted.
   * @throws when the source is lost
   */
  next(most: number, signal: AbortSignal): Promise<Batch>;
  close(): Promise<void>;
}

/** The right to publish, which only one relay of a store has at a time. */
export interface Leadership {
  /** Aborted, with the reason, when the right is lost. */
  lost: AbortSignal;
  lane(topic: string, most: number): Promise<LaneSource>;
  release(): Promise<void>;
}

/** Where the relay gets its messages: the outbox, or a store that can be followed. */
export interface RelaySource {
  /** Waits as a standby for the right to publish. `undefined`: aborted. */
  lead(signal: AbortSignal): Promise<Leadership | undefined>;
}
