import type { Admin } from 'kafkajs';
import { keyOf, type TopicPartition } from './topic-partition.ts';

export interface LogRange {
  /** The offset of the oldest message kept. */
  readonly low: bigint;
  /** The offset the next message will get. */
  readonly high: bigint;
}

/** What the broker keeps of each partition of `topics`, by `keyOf`. */
export const logRanges = async (admin: Admin, topics: Iterable<string>): Promise<Map<string, LogRange>> => {
  const ranges = new Map<string, LogRange>();
  for (const topic of new Set(topics)) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      ranges.set(keyOf({ topic, partition }), { low: BigInt(low), high: BigInt(high) });
  }
  return ranges;
};

/** The group's committed offsets, by `keyOf`; partitions without one are absent. */
export const committedOffsets = async (
  admin: Admin,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<Map<string, bigint>> => {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  if (topics.length === 0) return new Map();
  const answer = await admin.fetchOffsets({ groupId, topics });
  const found = answer.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, offset }) => [keyOf({ topic, partition }), BigInt(offset)] as const),
  );
  return new Map(found.filter(([, offset]) => offset >= 0n));
};
