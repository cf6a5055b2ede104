import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));

/** Keeps a benchmark's figures with the command that gave them and the machine they are of: compare within one file only. */
export async function record(name: string, command: string, figures: object): Promise<void> {
  const machine = {
    cpu: cpus()[0]?.model.trim(),
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  const result = { command, date: new Date().toISOString().slice(0, 10), machine, ...figures };
  await mkdir(RESULTS, { recursive: true });
  await writeFile(`${RESULTS}${name}.json`, `${JSON.stringify(result, undefined, 2)}\n`);
}
