import { type ICustomPartitioner, type Message, Partitioners } from 'kafkajs';

/**
 * The Java clients' partitioning (murmur2 of the key; round-robin without one), but a retried message keeps
 * its partition. kafkajs asks again on each retry, and a message that moved to another partition would be
 * written twice while the first partition's sequence number is given to another message.
 * @param onRetry called when a message is sent again
 */
export const createSteadyPartitioner =
  (onRetry: () => void): ICustomPartitioner =>
  () => {
    const choose = Partitioners.DefaultPartitioner();
    const chosen = new WeakMap<Message, number>();
    return (args) => {
      const before = chosen.get(args.message);
      if (before !== undefined) {
        onRetry();
        return before;
      }
      const partition = choose(args);
      chosen.set(args.message, partition);
      return partition;
    };
  };
