import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { incompatibilities } from '../compatibility/incompatibilities.ts';
import { catalogue, schemaId, schemaPath } from './catalogue.ts';
import { asJson, contractFolder } from './contract-files.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT';
const snapshotOf = (path: string, folder: URL): URL => new URL(`published/${path}`, folder);

/** The schema as it was published last; undefined for a version that was not. */
export async function readSnapshot(path: string, folder = contractFolder): Promise<JsonSchema | undefined> {
  try {
    return JSON.parse(await readFile(snapshotOf(path, folder), 'utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Makes today's schemas the ones that later changes are held against; nothing, if one of them breaks a promise.
 * @returns what is broken
 */
export async function publishSnapshots(folder = contractFolder): Promise<string[]> {
  const problems: string[] = [];
  const files = new Map<string, JsonSchema>();
  for (const contract of catalogue) {
    const path = schemaPath(contract);
    const current = jsonSchemaOf(contract);
    const published = await readSnapshot(path, folder);
    if (published)
      for (const problem of incompatibilities(published, current))
        problems.push(`${schemaId(contract)}: ${problem}`);
    files.set(path, current);
  }
  if (problems.length > 0) return problems;
  for (const [path, schema] of files) {
    const file = snapshotOf(path, folder);
    await mkdir(new URL('./', file), { recursive: true });
    await writeFile(file, asJson(schema));
  }
  return [];
}
