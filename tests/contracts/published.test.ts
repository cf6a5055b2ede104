import { readdir, readFile } from 'node:fs/promises';
import { incompatibilities } from '@transcodeflow/shared/contracts/compatibility/incompatibilities.ts';
import { catalogue, schemaPath } from '@transcodeflow/shared/contracts/publish/catalogue.ts';
import { contractFiles, contractFolder } from '@transcodeflow/shared/contracts/publish/contract-files.ts';
import { jsonSchemaOf } from '@transcodeflow/shared/contracts/publish/json-schema.ts';
import { readSnapshot } from '@transcodeflow/shared/contracts/publish/snapshots.ts';
import test from 'ava';
import { publishedNames } from './schemas.ts';

test('docs/contracts holds what the generator gives: else run `pnpm contracts`', async (t) => {
  const files = await contractFiles();
  for (const [path, text] of files)
    t.is(await readFile(new URL(path, contractFolder), 'utf8').catch(() => 'missing'), text, path);
  const schemas = await readdir(new URL('schemas/', contractFolder), { recursive: true });
  t.deepEqual(
    schemas
      .filter((path) => path.endsWith('.json'))
      .map((path) => `schemas/${path}`)
      .sort(),
    [...files.keys()].filter((path) => path.startsWith('schemas/')).sort(),
  );
});

test('what is generated is the same each time', async (t) => {
  t.deepEqual([...(await contractFiles())], [...(await contractFiles())]);
});

for (const contract of catalogue)
  test(`${schemaPath(contract)} keeps what was published`, async (t) => {
    const published = await readSnapshot(schemaPath(contract));
    if (!published) return t.fail('Publish the new version: `pnpm contracts --publish`');
    t.deepEqual(incompatibilities(published, jsonSchemaOf(contract)), []);
  });

test('no published message has vanished', async (t) => {
  for (const name of await publishedNames()) {
    const [, type, version] = /^(.*)\.v(\d+)$/.exec(name) ?? [];
    const today = catalogue.find((contract) => `${contract.family}/${contract.type}` === type);
    t.true((today?.version ?? 0) >= Number(version), name);
  }
});
