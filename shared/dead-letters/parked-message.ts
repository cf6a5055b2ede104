import type { IncomingMessage } from '../bus/bus.ts';
import type { ParkingReason } from '../contracts/dead-letter.ts';

/** A row of `dead_letter.message`. */
export interface ParkedMessage {
  id: string;
  consumer: string;
  topic: string;
  partition: number;
  offset: string;
  key: string | null;
  blocks: boolean;
  original: { key?: string; headers: Record<string, string> };
  value: Buffer;
  published_timestamp: Date;
  attempts: number;
  error: string | null;
  stack: string | null;
  parked_at: Date;
  parkings: number;
  published_at: Date | null;
  retry_requested_at: Date | null;
  /** `ce_subject`, which is the job, and `ce_type`, where it has them. */
  subject: string | null;
  type: string | null;
}

/** The message as its consumer would have got it. */
export const messageOf = (row: ParkedMessage): IncomingMessage => ({
  topic: row.topic,
  partition: row.partition,
  offset: BigInt(row.offset),
  ...(row.original.key === undefined ? {} : { key: row.original.key }),
  headers: row.original.headers,
  value: row.value,
  timestamp: row.published_timestamp.getTime(),
});

export const reasonOf = (row: ParkedMessage): ParkingReason => ({
  consumer: row.consumer,
  attempts: row.attempts,
  error: row.error ?? 'An earlier message of the same key is parked',
  stack: row.stack ?? '',
});

/** The key that later messages wait for, as it is stored; undefined where there is none to go by. */
export const orderingKey = ({ key }: Pick<IncomingMessage, 'key'>): string | undefined =>
  key ? storable(key) : undefined;

/** PostgreSQL's text cannot hold NUL. */
export const storable = (text: string): string => text.replaceAll('\0', '\uFFFD');
