import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const FILE = 'server.json';
const Content = z.object({ url: z.url(), pid: z.number() });
/** A note that a crash cut off is no note. */
const Note = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
  })
  .pipe(Content);

/** Leaves a note in the data folder where the server that owns it can be reached. */
export async function writeServerFile(dataFolder: string, url: string): Promise<() => Promise<void>> {
  const file = join(dataFolder, FILE);
  await writeFile(file, JSON.stringify({ url, pid: process.pid }), { mode: 0o600 });
  return () => rm(file, { force: true });
}

/** The URL of the server that runs on this data folder; undefined where none answers. */
export async function runningServer(dataFolder: string): Promise<string | undefined> {
  const text = await readFile(join(dataFolder, FILE), 'utf8').catch(() => '{}');
  const content = Note.safeParse(text);
  if (!content.success) return undefined;
  const answer = await fetch(`${content.data.url}/healthz`, { signal: AbortSignal.timeout(2_000) }).catch(
    () => undefined,
  );
  return answer?.ok ? content.data.url : undefined;
}
