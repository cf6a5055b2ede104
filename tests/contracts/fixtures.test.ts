import { readdir } from 'node:fs/promises';
import { parseAccountEvent } from '@transcodeflow/shared/contracts/account-events.ts';
import { AttemptRefused } from '@transcodeflow/shared/contracts/attempt-refused.ts';
import { parseJobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { storedEventVersion } from '@transcodeflow/shared/contracts/stored-event-contract.ts';
import { parseTaskReport, TaskProgress } from '@transcodeflow/shared/contracts/task-reports.ts';
import test from 'ava';
import { fixturesOf, publishedNames, publishedSchema, validator } from './schemas.ts';

const names = await publishedNames();

/** As the system reads it: brought to the current version and validated. */
const read = (name: string, data: unknown): unknown => {
  const [, family, type = '', version] = /^(.*)\/(.*)\.v(\d+)$/.exec(name) ?? [];
  switch (family) {
    case 'job-event':
      return parseJobEvent(type, data, Number(version)).data;
    case 'account-event':
      return parseAccountEvent(type, data, Number(version)).data;
    case 'task-report':
      return parseTaskReport(type, data, Number(version)).data;
    case 'task-progress':
      return TaskProgress.parse(data);
    case 'attempt-refused':
      return AttemptRefused.parse(data);
    default:
      throw new Error(`No reader for ${name}`);
  }
};

for (const name of names) {
  test(`golden fixtures of ${name} are valid by its published schema`, async (t) => {
    const validate = validator(await publishedSchema(name));
    for (const data of await fixturesOf(name)) t.true(validate(data), JSON.stringify(validate.errors));
  });

  test(`golden fixtures of ${name} are read, upcast, with nothing lost`, async (t) => {
    for (const data of await fixturesOf(name)) {
      const current = read(name, data);
      const [, type = '', version] = /^(?:job|account)-event\/(.*)\.v(\d+)$/.exec(name) ?? [];
      // What is older changes on its way; the current version comes back as it went in.
      if (!version || Number(version) === storedEventVersion(type)) t.deepEqual(current, data);
      else t.truthy(current);
    }
  });

  test(`golden fixtures of ${name} without a required field are refused by schema and reader alike`, async (t) => {
    const schema: { required?: string[] } = await publishedSchema(name);
    const validate = validator(schema);
    const [data] = await fixturesOf(name);
    t.truthy(schema.required?.length);
    for (const field of schema.required ?? []) {
      const { [field]: _, ...rest } = Object(data);
      t.false(validate(rest), field);
      t.throws(() => read(name, rest), undefined, field);
    }
  });
}

test('every fixture belongs to a published version', async (t) => {
  const files = await readdir(new URL('../../shared/contracts/fixtures/', import.meta.url));
  t.deepEqual(files.sort(), names.map((name) => `${name.replace('/', '.')}.json`).sort());
});
