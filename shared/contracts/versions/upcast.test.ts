import test from 'ava';
import { toMessage } from '../cloud-event.ts';
import { jobEventFrom } from '../job-event-envelope.ts';
import { parseJobEvent } from '../job-events.ts';
import { parseTaskReport } from '../task-reports.ts';
import { dataSchema, versionIn } from './data-schema.ts';
import { jobEventVersion } from './job-event-upcasters.ts';
import { currentVersion, NewerVersionError, type Upcasters, upcast } from './upcast.ts';

const toArray: Upcasters = [(data) => [data], (data) => ({ list: data })];

test('data of any version becomes the current one, a version at a time', (t) => {
  t.is(currentVersion(toArray), 3);
  t.deepEqual(upcast('Test', toArray, 1, 'a'), { list: ['a'] });
  t.deepEqual(upcast('Test', toArray, 2, ['a']), { list: ['a'] });
  t.deepEqual(upcast('Test', toArray, 3, { list: [] }), { list: [] });
});

test('a version that is not known yet is refused, and what is none', (t) => {
  t.throws(() => upcast('Test', toArray, 4, 'a'), {
    instanceOf: NewerVersionError,
    message: /version 4.*up to 3/,
  });
  for (const version of [0, -1, 1.5, Number.NaN])
    t.throws(() => upcast('Test', toArray, version, 'a'), { instanceOf: RangeError });
  t.throws(() => parseJobEvent('JobDeleted', { by: 'key-1' }, 2), { instanceOf: NewerVersionError });
  t.throws(() => parseTaskReport('TaskStarted', {}, 2), { instanceOf: NewerVersionError });
});

test('dataschema names the version; without it a message is version 1', (t) => {
  t.is(dataSchema('job-event', 'JobDeleted', 12), 'urn:transcodeflow:job-event:JobDeleted:v12');
  t.is(versionIn('urn:transcodeflow:job-event:JobDeleted:v12'), 12);
  t.is(versionIn(undefined), 1);
  for (const other of ['', 'https://example.org/a', 'urn:transcodeflow:job-event:JobDeleted:v0'])
    t.throws(() => versionIn(other), { instanceOf: SyntaxError });
});

test('a message of a version that is not known yet is refused', (t) => {
  const message = (dataschema?: string) =>
    toMessage('topic', 'key', {
      ...{ id: '1', type: 'JobDeleted', source: '/test', subject: 'job', time: '2026-01-02T03:04:05Z' },
      ...{ revision: 1, data: { by: 'key-1' }, dataschema },
    });
  const next = dataSchema('job-event', 'JobDeleted', jobEventVersion('JobDeleted') + 1);
  t.throws(() => jobEventFrom(message(next)), { instanceOf: NewerVersionError });
  t.is(jobEventFrom(message()).event.type, 'JobDeleted');
});
