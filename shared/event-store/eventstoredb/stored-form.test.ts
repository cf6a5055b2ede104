import { NO_STREAM } from '@eventstore/db-client';
import test from 'ava';
import { EventStoreDbError, withoutSecrets } from './errors.ts';
import {
  fromPosition,
  fromRevision,
  toEventData,
  toExpectedRevision,
  toPosition,
  toStoredEvent,
} from './stored-form.ts';

test('revisions count from 1 here and from 0 there; 0 is no stream', (t) => {
  t.is(toExpectedRevision(0), NO_STREAM);
  t.is(toExpectedRevision(1), 0n);
  t.is(toExpectedRevision(7), 6n);
  t.is(fromRevision(0n), 1);
});

test('a position is one number, and what cannot be one is refused', (t) => {
  const position = 2n ** 62n + 3n;
  t.is(fromPosition(toPosition(position)), position);
  const refused = { instanceOf: EventStoreDbError };
  t.throws(() => fromPosition({ commit: 8n, prepare: 5n }), { ...refused, message: /explicit transaction/ });
  t.throws(() => fromPosition(undefined), { ...refused, message: /22\.6 or newer/ });
  const none = 2n ** 64n - 1n;
  t.throws(() => fromPosition({ commit: none, prepare: none }), refused);
});

test('metadata is stored under the names EventStoreDB knows, with the version', (t) => {
  const metadata = { correlation_id: 'c', causation_id: 'd', traceparent: '00-1-2-01' };
  const stored = toEventData({ type: 'JobRetried', data: null }, crypto.randomUUID(), 3, metadata);
  t.like(stored, {
    contentType: 'application/json',
    metadata: { $correlationId: 'c', $causationId: 'd', traceparent: '00-1-2-01', version: 3 },
  });
  const read = toStoredEvent({
    streamId: 'job-a',
    id: stored.id,
    isJson: true,
    revision: 4n,
    type: stored.type,
    created: new Date(0),
    data: 'x',
    metadata: stored.metadata,
    position: toPosition(9n),
  });
  t.deepEqual(read, {
    id: stored.id,
    stream: 'job-a',
    revision: 5,
    position: 9n,
    type: 'JobRetried',
    version: 3,
    data: 'x',
    metadata,
    time: '1970-01-01T00:00:00.000Z',
  });
});

test('a URL in a message has neither user nor options', (t) => {
  t.is(withoutSecrets('esdb://admin:changeit@host:2113?tls=false'), 'esdb://host:2113');
  t.is(withoutSecrets('esdb+discover://u:p@a:1,b:2/?tls=true'), 'esdb+discover://a:1,b:2');
});
