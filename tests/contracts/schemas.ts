import { readdir, readFile } from 'node:fs/promises';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const published = new URL('../../docs/contracts/published/', import.meta.url);
const fixtures = new URL('../../shared/contracts/fixtures/', import.meta.url);

export const readJson = async (file: URL): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

/** Every schema that was ever published, by its name in `published/`, e.g. `job-event/JobRequested.v1`. */
export const publishedNames = async (): Promise<string[]> =>
  (await readdir(published, { recursive: true }))
    .filter((path) => path.endsWith('.json'))
    .map((path) => path.slice(0, -'.json'.length))
    .sort();

export const publishedSchema = async (name: string): Promise<object> =>
  Object(await readJson(new URL(`${name}.json`, published)));

/** Golden data of a version, as it was published. */
export const fixturesOf = async (name: string): Promise<unknown[]> => {
  const samples = await readJson(new URL(`${name.replace('/', '.')}.json`, fixtures));
  if (!Array.isArray(samples) || samples.length === 0) throw new Error(`${name} has no fixtures`);
  return samples;
};

/** Checks data by a JSON Schema 2020-12, in ajv's strict mode. */
export const validator = (schema: object): ValidateFunction => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
};
