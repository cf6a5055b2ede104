import type { Cache, Cached } from '@transcodeflow/shared/cache/cache.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import { createJobCache, JOB_TTL_MS } from '@transcodeflow/shared/read-model/job-cache.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { document, jobId } from '../testing/service.ts';
import { createJobReader } from './job-reader.ts';
import type { ReadModel } from './read-model.ts';

// A file of its own: the clock that caches and readers go by is set forward.
const clock = performance.now.bind(performance);
let ahead = 0;
test.before(() => {
  performance.now = () => clock() + ahead;
});
test.after.always(() => {
  performance.now = clock;
});

const ID = jobId(1);

/** A UUIDv7 made now. */
function freshId(): string {
  const hex = Date.now().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000001`;
}

/** A reader over a table of one row, after its first 30 seconds of listening. */
function open({ cache = createMemoryCache(), listening = true, young = false } = {}) {
  const table: { row: JobDocument | undefined; reads: number } = { row: document(1), reads: 0 };
  const readModel: Pick<ReadModel, 'job'> = {
    job: async () => {
      table.reads += 1;
      return table.row;
    },
  };
  const state = { listening };
  const reader = createJobReader(readModel as ReadModel, cache, () => state.listening);
  if (!young) ahead += JOB_TTL_MS;
  return { reader, table, state, cache, jobs: createJobCache(cache) };
}

test.serial('a document is read once and then comes from the cache', async (t) => {
  const { reader, table } = open();
  for (let n = 0; n < 3; n += 1) t.is((await reader.get(ID))?.revision, 1);
  t.is(table.reads, 1);
});

test.serial('never older than the last change heard of, whatever the cache holds', async (t) => {
  const { reader, table, jobs } = open();
  await reader.get(ID);
  table.row = document(1, { revision: 2 });
  reader.changed([ID, 2]);
  t.is((await reader.get(ID))?.revision, 2);
  reader.changed([ID, 1]);
  await jobs.put(document(1, { revision: 2 }));
  t.is((await reader.get(ID))?.revision, 2, 'an older change that is heard late changes nothing');
});

test.serial('I8: what a command outdated is read anew, before the change was heard of', async (t) => {
  const { reader, table, jobs } = open();
  await reader.get(ID);
  table.row = document(1, { revision: 2 });
  await jobs.outdate(ID, 2);
  t.is((await reader.get(ID))?.revision, 2);
  await jobs.put(document(1, { revision: 1 }));
  t.is((await reader.get(ID))?.revision, 2, 'a slow reader does not bring the old one back');
});

/** A shared cache that keeps saying what it held at first. */
const lagging = (held: Cached): Cache => ({
  get: async () => held,
  set: async () => {},
  ping: async () => {},
  close: async () => {},
});

test.serial('a cache that lags behind is not believed once the change was heard of', async (t) => {
  const { reader, table } = open({ cache: lagging({ revision: 1, value: JSON.stringify(document(1)) }) });
  table.row = document(1, { revision: 3 });
  t.is((await reader.get(ID))?.revision, 1, 'nothing was heard, nothing was told');
  reader.changed([ID, 3]);
  t.is((await reader.get(ID))?.revision, 3);
});

test.serial('the cache is asked only when everything in it is younger than the listening', async (t) => {
  const { reader, table, state } = open({
    cache: lagging({ revision: 1, value: JSON.stringify(document(1)) }),
    young: true,
  });
  table.row = document(1, { revision: 3 });
  t.is((await reader.get(ID))?.revision, 3, 'at the start');
  ahead += JOB_TTL_MS;
  t.is((await reader.get(ID))?.revision, 1, 'later');
  state.listening = false;
  t.is((await reader.get(ID))?.revision, 3, 'while nothing is heard');
  state.listening = true;
  reader.forget();
  t.is((await reader.get(ID))?.revision, 3, 'after a gap');
});

test.serial('what cannot be read in the cache counts as absent', async (t) => {
  for (const value of ['not json', '{}', '[1]']) {
    const { reader } = open({ cache: lagging({ revision: 9, value }) });
    t.is((await reader.get(ID))?.revision, 1);
  }
});

test.serial(
  'I8: a job that was accepted a moment ago is waited for; one that never was is not',
  async (t) => {
    const { reader, table } = open();
    table.row = undefined;
    const id = freshId();
    const reading = reader.get(id);
    await until('it was asked for twice', () => table.reads > 1);
    table.row = document(1, { job_id: id });
    t.is((await reading)?.job_id, id);
    table.row = undefined;
    table.reads = 0;
    t.is(await reader.get(ID), undefined);
    t.is(table.reads, 1);
  },
);
