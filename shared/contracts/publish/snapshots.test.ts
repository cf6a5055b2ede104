import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { asJson } from './contract-files.ts';
import { publishSnapshots, readSnapshot } from './snapshots.ts';

test('what keeps its promises is published, what breaks one leaves every snapshot as it is', async (t) => {
  const temporary = await mkdtemp(path.join(tmpdir(), 'transcodeflow-contracts-'));
  t.teardown(() => rm(temporary, { recursive: true, force: true }));
  const folder = pathToFileURL(`${temporary}/`);
  const change = async (name: string, changed: object) =>
    writeFile(
      new URL(`published/${name}`, folder),
      asJson({ ...(await readSnapshot(name, folder)), ...changed }),
    );

  t.is(await readSnapshot('job-event/JobRetried.v1.json', folder), undefined);
  t.deepEqual(await publishSnapshots(folder), []);
  t.like(await readSnapshot('job-event/JobRetried.v1.json', folder), { title: 'JobRetried' });

  // Once there was one field less: that one was added is compatible only if it is optional.
  await change('job-event/JobDeleted.v1.json', { title: 'Old' });
  await change('job-event/JobRetried.v1.json', { properties: {}, required: [] });
  t.deepEqual(await publishSnapshots(folder), [
    'urn:transcodeflow:job-event:JobRetried:v1: .by: is required now',
  ]);
  t.like(await readSnapshot('job-event/JobDeleted.v1.json', folder), { title: 'Old' });

  await change('job-event/JobRetried.v1.json', { properties: { by: { type: 'string' } }, required: ['by'] });
  t.deepEqual(await publishSnapshots(folder), []);
  t.like(await readSnapshot('job-event/JobDeleted.v1.json', folder), { title: 'JobDeleted' });
});
