import { z } from 'zod';
import type { IncomingMessage, OutgoingMessage } from '../bus/bus.ts';
import { topics } from './topics.ts';

/** Brokers refuse headers that are too large altogether; what counts stands at the beginning. */
const LONGEST_STACK = 8_000;
const LONGEST_ERROR = 2_000;

const PREFIX = 'dead_letter_';

/**
 * What a message in a topic `<topic>.dead-letter` carries besides its own key, headers and value. All are strings, as
 * headers are.
 */
export const DeadLetterHeaders = z.object({
  dead_letter_consumer: z
    .string()
    .min(1)
    .describe('The consumer group that could not handle the message; others may have.'),
  dead_letter_topic: z
    .string()
    .min(1)
    .describe('Where it was: topic, partition, offset, and when it was published (RFC 3339).'),
  dead_letter_partition: z.coerce.number().int().nonnegative(),
  dead_letter_offset: z.coerce.bigint(),
  dead_letter_timestamp: z.iso.datetime(),
  dead_letter_attempts: z.coerce
    .number()
    .int()
    .nonnegative()
    .describe('How often it was tried. 0: not at all, it waits behind an earlier message of its key.'),
  dead_letter_error: z.string(),
  dead_letter_stack: z.string(),
  dead_letter_time: z.iso.datetime().describe('When it was parked, RFC 3339.'),
});

export interface ParkingReason {
  consumer: string;
  attempts: number;
  error: string;
  stack: string;
}

/** @param error what was thrown */
export const parkingReason = (consumer: string, attempts: number, error: unknown): ParkingReason => ({
  consumer,
  attempts,
  error: String(error).slice(0, LONGEST_ERROR),
  stack: (error instanceof Error ? (error.stack ?? '') : '').slice(0, LONGEST_STACK),
});

export function toDeadLetter(
  message: IncomingMessage,
  reason: ParkingReason,
  time = new Date(),
): OutgoingMessage {
  return {
    topic: topics.deadLetter(message.topic),
    ...(message.key === undefined ? {} : { key: message.key }),
    headers: {
      ...message.headers,
      dead_letter_consumer: reason.consumer,
      dead_letter_topic: message.topic,
      dead_letter_partition: String(message.partition),
      dead_letter_offset: String(message.offset),
      dead_letter_timestamp: new Date(message.timestamp).toISOString(),
      dead_letter_attempts: String(reason.attempts),
      dead_letter_error: reason.error,
      dead_letter_stack: reason.stack,
      dead_letter_time: time.toISOString(),
    },
    value: message.value,
  };
}

/**
 * The message as it was before it was parked, and why it was.
 * @throws {z.ZodError} for a message that is no dead letter
 */
export function fromDeadLetter(letter: IncomingMessage): { message: IncomingMessage; reason: ParkingReason } {
  const parked = DeadLetterHeaders.parse(letter.headers);
  const own = Object.entries(letter.headers).filter(([name]) => !name.startsWith(PREFIX));
  return {
    message: {
      topic: parked.dead_letter_topic,
      partition: parked.dead_letter_partition,
      offset: parked.dead_letter_offset,
      ...(letter.key === undefined ? {} : { key: letter.key }),
      headers: Object.fromEntries(own),
      value: letter.value,
      timestamp: Date.parse(parked.dead_letter_timestamp),
    },
    reason: {
      consumer: parked.dead_letter_consumer,
      attempts: parked.dead_letter_attempts,
      error: parked.dead_letter_error,
      stack: parked.dead_letter_stack,
    },
  };
}
