import type { SubscribeOptions } from '../bus.ts';
import type { LogRange } from './start-offsets.ts';
import type { TopicPartition } from './topic-partition.ts';

export interface StartInput {
  readonly options: SubscribeOptions;
  readonly of: TopicPartition;
  readonly log: LogRange;
  /** How far this subscription itself got in the partition, if it owned it before. */
  readonly reached: bigint | undefined;
  readonly committed: bigint | undefined;
  /** The subscription has never owned partitions yet. */
  readonly first: boolean;
}

/**
 * The offset to fetch a newly assigned partition from: the subscriber's own, else the group's, else `from`. What
 * the broker has deleted meanwhile is passed over; an offset beyond the end is one of a topic that was created
 * anew, and everything in that is unread.
 */
export const startPosition = async (input: StartInput): Promise<bigint> => {
  const { low, high } = input.log;
  const wanted = await wantedPosition(input);
  return wanted < low || wanted > high ? low : wanted;
};

const wantedPosition = async ({
  options,
  of,
  log,
  reached,
  committed,
  first,
}: StartInput): Promise<bigint> => {
  // A broadcast is the only one of its group: partitions that appear later are new from their beginning.
  if (typeof options.group !== 'string') return reached ?? (first ? log.high : log.low);
  const kept = options.position === undefined ? committed : await options.position(of.topic, of.partition);
  return kept ?? (options.from === 'latest' ? log.high : log.low);
};
