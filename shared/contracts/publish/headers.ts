import { DeadLetterHeaders } from '../dead-letter.ts';
import { type Contract, schemaId } from './catalogue.ts';

const text = (description: string, more: object = {}) => ({ type: 'string', description, ...more });

/** CloudEvents 1.0 in Kafka's binary mode: attributes are headers, all of them strings. */
export function headersOf(contract: Contract): object {
  const isEvent = contract.family === 'job-event' || contract.family === 'account-event';
  const isOfAccount = contract.family === 'account-event';
  return {
    type: 'object',
    required: [
      ...['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_subject', 'ce_time', 'content-type'],
      ...(isEvent ? ['ce_revision', 'ce_position'] : []),
    ],
    properties: {
      ce_specversion: { type: 'string', const: '1.0' },
      ce_id: text('The same on every redelivery: dedupe by it.'),
      ce_type: { type: 'string', const: contract.type },
      ce_source: text('Who published it.'),
      ce_subject: isOfAccount
        ? text('Of a key: its id. Of webhook endpoints: the account’s. Of a redelivery: the delivery’s.')
        : text('The job’s id.', { format: 'uuid' }),
      ce_time: text('When it happened.', { format: 'date-time' }),
      ce_dataschema: text('Type and version of the data. Absent: version 1.', {
        examples: [schemaId(contract)],
      }),
      'content-type': { type: 'string', const: 'application/json' },
      ...(isEvent
        ? {
            ce_revision: text('Number in the stream of its subject, from 1 without gaps.', {
              pattern: '^[1-9][0-9]*$',
            }),
            ce_position: text('Place in the whole event store; grows, with gaps.', { pattern: '^[0-9]+$' }),
          }
        : {}),
      ce_correlationid: text('One per request of a client, kept through everything that follows from it.'),
      ce_causationid: text('The id of the message or event that led to this one.'),
      ce_traceparent: text('W3C trace context.'),
    },
  };
}

/** Of a parked message, besides its own; all of them strings, whatever is read out of them. */
export const parkedHeaders = (): object => ({
  type: 'object',
  required: Object.keys(DeadLetterHeaders.shape),
  properties: Object.fromEntries(
    Object.entries(DeadLetterHeaders.shape).map(([name, { description }]) => [
      name,
      { type: 'string', ...(description === undefined ? {} : { description }) },
    ]),
  ),
});
