import { mkdir, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { contractFiles, contractFolder } from './contract-files.ts';
import { publishSnapshots } from './snapshots.ts';

const { values: options } = parseArgs({ options: { publish: { type: 'boolean', default: false } } });

const files = await contractFiles();
await rm(new URL('schemas/', contractFolder), { recursive: true, force: true });
for (const [path, text] of files) {
  const file = new URL(path, contractFolder);
  await mkdir(new URL('./', file), { recursive: true });
  await writeFile(file, text);
}
process.stdout.write(`Wrote ${files.size} files to docs/contracts\n`);

if (options.publish) {
  const problems = await publishSnapshots();
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
  else process.stdout.write('Published: docs/contracts/published holds them from now on\n');
}
