import type { Batch } from 'kafkajs';
import { incomingMessage } from './incoming-message.ts';
import type { FetchedBatch } from './partition-feed.ts';

/** kafkajs knows the offset it asked for, but leaves it out of its types. */
const fetchedOffset = (batch: Batch): string | null =>
  'fetchedOffset' in batch && typeof batch.fetchedOffset === 'string'
    ? batch.fetchedOffset
    : batch.firstOffset();

export const fetchedBatch = (batch: Batch): FetchedBatch => {
  const last = BigInt(batch.lastOffset());
  return {
    from: BigInt(fetchedOffset(batch) ?? last),
    last,
    messages: batch.messages.map((message) => incomingMessage(batch.topic, batch.partition, message)),
  };
};
