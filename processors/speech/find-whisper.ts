import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { ConfigurationError } from '@transcodeflow/shared/config/read-environment.ts';
import { execa } from 'execa';
import { readWhisperModel } from './whisper-model.ts';
import type { WhisperProgram } from './whisper-program.ts';

/** Its start loads the libraries of GPUs. */
const PATIENCE_MS = 20_000;

/**
 * The whisper.cpp that the operator provides; undefined where there is none.
 * @throws {ConfigurationError} where only half of it is set, or what is set cannot be used
 */
export async function findWhisper(
  path: string | undefined,
  model: string | undefined,
): Promise<WhisperProgram | undefined> {
  if (path === undefined && model === undefined) return undefined;
  if (path === undefined || model === undefined) {
    const [set, missing] = path ? ['WHISPER_PATH', 'WHISPER_MODEL'] : ['WHISPER_MODEL', 'WHISPER_PATH'];
    throw new ConfigurationError(
      `${set} is set and ${missing} is not: whisper.cpp needs its program and a model. See .env.example.`,
    );
  }
  await assertUsable(path).catch(refuse('WHISPER_PATH', path));
  const about = await readWhisperModel(model).catch(refuse('WHISPER_MODEL', model));
  return { path, model, ...about };
}

const refuse = (setting: string, value: string) => (cause: unknown) => {
  const why = cause instanceof Error ? cause.message : String(cause);
  throw new ConfigurationError(`${setting}=${value} ${why}. See .env.example.`, { cause });
};

/** Exit codes say nothing: it ends with 0 on arguments that it does not know. */
async function assertUsable(path: string): Promise<void> {
  const file = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`cannot be read (${cause.code})`, { cause });
  });
  const mayRun = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!file.isFile() || !mayRun) throw new Error('is not an executable file');
  const { all } = await execa(path, ['--help'], { all: true, reject: false, timeout: PATIENCE_MS });
  if (!/--output-json\b/.test(all) || !/--print-progress\b/.test(all))
    throw new Error(
      'is not the whisper-cli program of whisper.cpp: its --help does not tell of --output-json',
    );
}
