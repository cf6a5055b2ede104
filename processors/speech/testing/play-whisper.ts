import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findWhisper } from '../find-whisper.ts';
import type { WhisperProgram } from '../whisper-program.ts';

const PLAYER = fileURLToPath(new URL('./whisper-player.ts', import.meta.url));

export type Mode = 'answers' | 'silence' | 'garbled' | 'no-model' | 'killed' | 'slow';

/** An executable that plays whisper-cli. */
export async function writeProgram(folder: string, mode: Mode = 'answers'): Promise<string> {
  const path = join(folder, 'whisper-cli');
  await writeFile(path, `#!/bin/sh\nexec "${process.execPath}" "${PLAYER}" "${folder}" ${mode} "$@"\n`, {
    mode: 0o755,
  });
  return path;
}

/** The head of a model, which is all that is read here. */
export async function writeModel(folder: string, name = 'ggml-tiny.bin', tokens = 51_865): Promise<string> {
  const path = join(folder, name);
  const head = Buffer.from('lmgg\0\0\0\0', 'latin1');
  head.writeInt32LE(tokens, 4);
  await writeFile(path, head);
  return path;
}

/** Program and model, found as at a processor's start. */
export async function playWhisper(
  folder: string,
  mode?: Mode,
  model: [name?: string, tokens?: number] = [],
): Promise<WhisperProgram> {
  const found = await findWhisper(await writeProgram(folder, mode), await writeModel(folder, ...model));
  if (!found) throw new Error('not found');
  return found;
}

/** What it was called with; undefined: it was not. */
export async function argumentsOf(folder: string): Promise<string[] | undefined> {
  const text = await readFile(join(folder, 'arguments.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
