import type { ConsumerConfig } from 'kafkajs';
import { coPartitionAssigner } from './co-partition-assigner.ts';
import { consumerRetries } from './retries.ts';

/** Only hand-over runs inside kafkajs's workers, so one for each partition costs nothing. */
export const PARTITIONS_AT_ONCE = 64;

export const consumerSettings = (groupId: string): ConsumerConfig => ({
  groupId,
  partitionAssigners: [coPartitionAssigner],
  // A member that was killed is replaced after the session timeout; the broker allows 6 s and more.
  sessionTimeout: 8_000,
  rebalanceTimeout: 10_000,
  // Members hear of a rebalance with a heartbeat, so the slowest one's interval is how long it takes.
  heartbeatInterval: 500,
  // A fetch returns with the first byte; the wait only sets how often an idle consumer asks: twice a second.
  minBytes: 1,
  maxWaitTimeInMs: 500,
  // More than the broker's largest record batch (1,048,588 bytes), so that none can starve behind others.
  maxBytesPerPartition: 1_310_720,
  maxBytes: 10_485_760,
  allowAutoTopicCreation: false,
  retry: consumerRetries,
});
