import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { IncomingMessage } from '../bus.ts';

const headersOf = (headers: IHeaders | undefined): Record<string, string> => {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    // Kafka allows a header twice: the last one counts.
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) result[name] = last.toString();
  }
  return result;
};

/** A tombstone's value is an empty buffer. */
export const incomingMessage = (
  topic: string,
  partition: number,
  message: KafkaMessage,
): IncomingMessage => ({
  topic,
  partition,
  offset: BigInt(message.offset),
  ...(message.key === null ? {} : { key: message.key.toString() }),
  headers: headersOf(message.headers),
  value: message.value ?? Buffer.alloc(0),
  timestamp: Number(message.timestamp),
});
