import test from 'ava';
import { sampleRequest } from '../testing/job-samples.ts';
import { type CloudEvent, fromMessage, toMessage } from './cloud-event.ts';
import { jobEventFrom } from './job-event-envelope.ts';
import { parseJobEvent } from './job-events.ts';
import { parseTaskReport } from './task-reports.ts';

const ID = '019b7a11-7000-7000-8000-00000000000a';
const event: CloudEvent = {
  id: 'e-1',
  type: 'JobCancelled',
  source: '/test',
  subject: ID,
  time: '2026-01-02T03:04:05.000Z',
  data: { by: 'key-1' },
};
const full: CloudEvent = {
  ...event,
  revision: 3,
  position: 9_007_199_254_740_993n,
  correlationid: 'c',
  causationid: 'd',
  traceparent: '00-1-2-01',
};
const defined = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));

test('a CloudEvent comes back as it went out, with and without its extensions', (t) => {
  for (const sent of [event, full])
    t.deepEqual(defined(fromMessage(toMessage('topic', 'key', sent))), { ...sent });
});

test('attributes are ce_ headers, the data is the value, and the key is left out where there is none', (t) => {
  const message = toMessage('topic', 'key', full);
  t.like(message, { topic: 'topic', key: 'key' });
  t.like(message.headers, {
    ce_specversion: '1.0',
    ce_id: 'e-1',
    ce_revision: '3',
    ce_position: '9007199254740993',
    'content-type': 'application/json',
  });
  t.is(message.value.toString(), '{"by":"key-1"}');
  t.false('key' in toMessage('topic', undefined, event));
});

test('what is no CloudEvent is refused', (t) => {
  const message = toMessage('topic', 'key', full);
  t.throws(() => fromMessage({ ...message, headers: {} }), { name: 'ZodError' });
  t.throws(() => fromMessage({ ...message, headers: { ...message.headers, ce_revision: '0' } }));
  t.throws(() => fromMessage({ ...message, headers: { ...message.headers, ce_specversion: '0.3' } }));
  t.throws(() => fromMessage({ ...message, value: Buffer.from('not json') }), { name: 'SyntaxError' });
});

test('a job event is validated where it enters', (t) => {
  t.like(jobEventFrom(toMessage('topic', ID, full)), {
    job_id: ID,
    revision: 3,
    correlation_id: 'c',
    causation_id: 'd',
    event: { type: 'JobCancelled', data: { by: 'key-1' } },
  });
  t.is(jobEventFrom(toMessage('topic', ID, { ...event, revision: 1 })).correlation_id, 'e-1');
  t.throws(() => jobEventFrom(toMessage('topic', ID, event)), { message: /ce_revision/ });
  t.throws(() => jobEventFrom(toMessage('topic', ID, { ...full, data: {} })), { name: 'ZodError' });
  t.throws(() => jobEventFrom(toMessage('topic', ID, { ...full, type: 'JobExploded' })), {
    name: 'UnknownEventTypeError',
    message: /JobExploded/,
  });
});

test('events and reports of types that only look known are refused', (t) => {
  for (const type of ['toString', '__proto__', 'constructor']) {
    t.throws(() => parseJobEvent(type, {}), { name: 'UnknownEventTypeError' });
    t.throws(() => parseTaskReport(type, {}), { message: /Unknown task report type/ });
  }
  t.notThrows(() => parseJobEvent('JobRequested', sampleRequest(ID)));
});
