import { z } from 'zod';
import type { IncomingMessage, OutgoingMessage } from '../bus/bus.ts';

/**
 * CloudEvents 1.0, Kafka protocol binding, binary content mode: attributes are `ce_` headers, the data is the
 * message's value as JSON (https://github.com/cloudevents/spec, kafka-protocol-binding section 3.2).
 */
export interface CloudEvent {
  /** The same on every redelivery: consumers dedupe by it. */
  id: string;
  type: string;
  source: string;
  /** The job's id. */
  subject: string;
  /** RFC 3339. */
  time: string;
  /** Names the type and version of the data, see versions/data-schema.ts. */
  dataschema?: string;
  /** Of a job event: its number in the job's stream, from 1 without gaps. */
  revision?: number;
  /** Of a job event: its place in the whole event store; grows, with gaps. */
  position?: bigint;
  correlationid?: string;
  causationid?: string;
  traceparent?: string;
  data: unknown;
}

const optional = (event: CloudEvent): Record<string, string> => {
  const headers: Record<string, string> = {};
  if (event.dataschema !== undefined) headers.ce_dataschema = event.dataschema;
  if (event.revision !== undefined) headers.ce_revision = String(event.revision);
  if (event.position !== undefined) headers.ce_position = String(event.position);
  if (event.correlationid !== undefined) headers.ce_correlationid = event.correlationid;
  if (event.causationid !== undefined) headers.ce_causationid = event.causationid;
  if (event.traceparent !== undefined) headers.ce_traceparent = event.traceparent;
  return headers;
};

/** @param key absent for topics that are spread over the partitions */
export const toMessage = (topic: string, key: string | undefined, event: CloudEvent): OutgoingMessage => ({
  topic,
  ...(key === undefined ? {} : { key }),
  headers: {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_type: event.type,
    ce_source: event.source,
    ce_subject: event.subject,
    ce_time: event.time,
    ...optional(event),
    'content-type': 'application/json',
  },
  value: Buffer.from(JSON.stringify(event.data)),
});

const Headers = z.object({
  ce_specversion: z.literal('1.0'),
  ce_id: z.string().min(1),
  ce_type: z.string().min(1),
  ce_source: z.string().min(1),
  ce_subject: z.string().min(1),
  ce_time: z.string(),
  ce_dataschema: z.string().optional(),
  ce_revision: z.coerce.number().int().positive().optional(),
  ce_position: z.coerce.bigint().optional(),
  ce_correlationid: z.string().optional(),
  ce_causationid: z.string().optional(),
  ce_traceparent: z.string().optional(),
});

/** @throws {z.ZodError | SyntaxError} for a message that is no CloudEvent with JSON data */
export function fromMessage(message: Pick<IncomingMessage, 'headers' | 'value'>): CloudEvent {
  const headers = Headers.parse(message.headers);
  return {
    id: headers.ce_id,
    type: headers.ce_type,
    source: headers.ce_source,
    subject: headers.ce_subject,
    time: headers.ce_time,
    dataschema: headers.ce_dataschema,
    revision: headers.ce_revision,
    position: headers.ce_position,
    correlationid: headers.ce_correlationid,
    causationid: headers.ce_causationid,
    traceparent: headers.ce_traceparent,
    data: JSON.parse(message.value.toString('utf8')),
  };
}
