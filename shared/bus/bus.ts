/** A message on its way out. Headers are plain strings (CloudEvents binary mode, see contracts/cloud-event.ts). */
export interface OutgoingMessage {
  topic: string;
  /** Messages of one key keep their order. Absent: spread over the partitions. */
  key?: string;
  headers: Record<string, string>;
  /** Absent only for tombstones. */
  value: Buffer;
}

export interface IncomingMessage {
  topic: string;
  partition: number;
  /** Grows along a partition; compare as numbers, expect gaps. */
  offset: bigint;
  key?: string;
  headers: Record<string, string>;
  value: Buffer;
  /** When the message was published, in milliseconds since 1970: the broker's clock where the topic says so. */
  timestamp: number;
}

export interface Batch {
  topic: string;
  partition: number;
  messages: IncomingMessage[];
  /** Aborted when the partition is lost or the subscription closes: stop and roll back. */
  signal: AbortSignal;
}

/**
 * How many of the batch's messages were taken, from its beginning; nothing means all of them.
 * Taking fewer pauses that partition's topic until `resume()`; the rest is delivered again then.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing took everything.
export type BatchHandler = (batch: Batch) => Promise<number | undefined | void>;

export interface SubscribeOptions {
  /**
   * Members of a group share the partitions; each group sees every message. `broadcast` instead of a group:
   * this subscriber alone sees every message published from now on, and no offset is kept.
   */
  group: string | { broadcast: string };
  topics: readonly string[];
  /** Where a group without committed offsets begins. Default `earliest`; `broadcast` is always `latest`. */
  from?: 'earliest' | 'latest';
  /** Called one batch at a time per partition. A rejection is retried with back-off and blocks the partition. */
  handler: BatchHandler;
  /**
   * For subscribers that keep their offsets with their rows: called before the first batch of a newly assigned
   * partition, answers the next offset wanted. Offsets are then not committed to the broker. Undefined: `from`.
   */
  position?: (topic: string, partition: number) => Promise<bigint | undefined>;
  /** The partitions of `topics` now owned, whenever that changes. */
  onAssigned?: (partitions: { topic: string; partition: number }[]) => void;
}

export interface Subscription {
  pause(topic: string): void;
  resume(topic: string): void;
  /**
   * Resolves to how many messages of the owned partitions are published but not yet handled. 0 means caught up
   * with the broker at the moment of the call.
   */
  lag(): Promise<number>;
  /** Stops taking messages, waits for the running handlers, leaves the group. */
  close(): Promise<void>;
}

/**
 * At-least-once publish and subscribe. `publish` resolves when every message is durable (Kafka: acks=all;
 * in-process: every subscribed group has taken it), and rejects otherwise: the caller publishes again.
 */
export interface Bus {
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Resolves once the subscription is live: a `broadcast` sees all that is published after that. */
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Rejects when the broker cannot be reached. */
  ping(): Promise<void>;
  /** Closes the open subscriptions, flushes and disconnects. */
  close(): Promise<void>;
}
