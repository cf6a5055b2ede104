import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './error-code.ts';

/**
 * Keys of the plain files under `root` that begin with `prefix`, in the order S3 lists them (by UTF-8 bytes
 * of the whole key, so that `a.txt` comes before `a/b`). Links are passed over.
 */
export async function* walkKeys(root: string, prefix: string): AsyncIterable<string> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  yield* walk(root, folder, prefix);
}

async function* walk(root: string, folder: string, prefix: string): AsyncIterable<string> {
  const entries = await entriesOf(path.join(root, folder));
  const keys = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
    .filter((key) => key.startsWith(prefix) || prefix.startsWith(key))
    .map((key) => ({ key, bytes: Buffer.from(key) }))
    .sort((a, b) => a.bytes.compare(b.bytes));
  for (const { key } of keys) {
    if (!key.endsWith('/')) yield key;
    else if (folder !== '' || key !== '.tmp/') yield* walk(root, key, prefix);
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
