import { readFile } from 'node:fs/promises';

/** By all `read` calls of the process, from disk, cache or pipe; undefined where there is no such file or process. */
export async function bytesRead(pid: number): Promise<number | undefined> {
  const io = await readFile(`/proc/${pid}/io`, 'utf8').catch(() => '');
  const bytes = /^rchar: (\d+)/m.exec(io)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}
