import type { OutgoingMessage } from '../../bus/bus.ts';
import { toMessage } from '../../contracts/cloud-event.ts';
import { publishedAs } from '../../contracts/stored-event-contract.ts';
import type { EventMetadata } from '../event-store.ts';
import type { Queries } from './serial-queries.ts';

interface OutboxRow {
  seq: string;
  id: string;
  aggregatetype: string;
  aggregateid: string;
  message_key: string | null;
  type: string;
  version: number;
  payload: unknown;
  revision: number;
  position: string;
  metadata: EventMetadata;
  time: Date;
}

export interface OutboxMessage {
  seq: string;
  message: OutgoingMessage;
}

/** The oldest unpublished messages of a topic, in order. */
export async function readOutbox(queries: Queries, topic: string, limit: number): Promise<OutboxMessage[]> {
  const { rows } = await queries.query<OutboxRow>({
    name: 'read outbox',
    text: 'select * from event_store.outbox where aggregatetype = $1 order by seq limit $2',
    values: [topic, limit],
  });
  return rows.map((row) => ({
    seq: row.seq,
    message: toMessage(row.aggregatetype, row.message_key ?? undefined, {
      id: row.id,
      type: row.type,
      ...publishedAs(row.type, row.version),
      subject: row.aggregateid,
      time: row.time.toISOString(),
      revision: row.revision,
      position: BigInt(row.position),
      correlationid: row.metadata.correlation_id,
      causationid: row.metadata.causation_id,
      traceparent: row.metadata.traceparent,
      data: row.payload,
    }),
  }));
}

/** After the bus has acknowledged them. */
export async function removeFromOutbox(queries: Queries, seqs: readonly string[]): Promise<void> {
  await queries.query({
    name: 'empty outbox',
    text: 'delete from event_store.outbox where seq = any($1::bigint[])',
    values: [seqs],
  });
}
