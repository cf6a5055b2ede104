import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { asyncApi } from './async-api.ts';
import { catalogue, schemaPath } from './catalogue.ts';
import { jsonSchemaOf } from './json-schema.ts';

export const contractFolder = new URL('../../../docs/contracts/', import.meta.url);

export const asJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** Everything that is generated, by its path below docs/contracts: the same for the same sources. */
export async function contractFiles(): Promise<Map<string, string>> {
  const manifest = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(manifest);
  return new Map([
    ...catalogue.map((contract): [string, string] => [
      `schemas/${schemaPath(contract)}`,
      asJson(jsonSchemaOf(contract)),
    ]),
    ['asyncapi.yaml', stringify(asyncApi(version), { aliasDuplicateObjects: false, lineWidth: 110 })],
  ]);
}
