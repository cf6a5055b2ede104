import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runProgram, type ServerContext } from './server-process.ts';

export const USER = 'transcodeflow';
export const DATABASE = 'transcodeflow';
/** Of the packaged programs; data of another major version cannot be read by them. */
const MAJOR_VERSION = '18';

/** Passwords only, from this machine only. */
const HOST_BASED_AUTHENTICATION = 'host all all 127.0.0.1/32 scram-sha-256\n';

/**
 * Makes the cluster once (UTF-8, sorted by code points so that every machine sorts alike) and answers the
 * password, which lies beside it (mode 0600). It is built under another name and renamed when it is whole.
 */
export async function ensureCluster(
  context: ServerContext,
  cluster: string,
  isTemporary: boolean,
): Promise<string> {
  const passwordFile = path.join(path.dirname(cluster), 'password');
  if (!(await isMissing(cluster))) {
    await checkVersion(cluster);
    return (await readPassword(passwordFile)) ?? setPassword(context, cluster, passwordFile);
  }
  const unfinished = `${cluster}.new`;
  // Retried: the `initdb` of a killed process may still be writing for a moment.
  await rm(unfinished, { recursive: true, force: true, maxRetries: 5 });
  await mkdir(unfinished, { mode: 0o700 });
  const { uid, gid } = context.account;
  if (uid !== undefined && gid !== undefined) await chown(unfinished, uid, gid);
  await runProgram(context, 'initdb', unfinished, (folder) => [
    ...['-D', folder, '-U', USER, '-E', 'UTF8', '--locale=C', '--locale-provider=builtin'],
    ...[
      '--builtin-locale=C.UTF-8',
      '--auth=reject',
      '--no-instructions',
      ...(isTemporary ? ['--no-sync'] : []),
    ],
  ]);
  await writeFile(path.join(unfinished, 'pg_hba.conf'), HOST_BASED_AUTHENTICATION);
  const password = await setPassword(context, unfinished, passwordFile, [`CREATE DATABASE ${DATABASE};`]);
  await rename(unfinished, cluster);
  return password;
}

/** By PostgreSQL's single-user mode, where no password is asked; statements come by pipe, not in a file. */
async function setPassword(
  context: ServerContext,
  cluster: string,
  passwordFile: string,
  more: string[] = [],
) {
  const password = randomBytes(24).toString('base64url');
  const statements = [`ALTER ROLE ${USER} PASSWORD '${password}';`, ...more, ''].join('\n');
  const args = (folder: string) => ['--single', '-D', folder, '-c', 'exit_on_error=on', 'template1'];
  await runProgram(context, 'postgres', cluster, args, statements);
  await using file = await open(passwordFile, 'w', 0o600);
  await file.chmod(0o600);
  await file.writeFile(`${password}\n`);
  await file.sync();
  return password;
}

async function readPassword(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.trim() || undefined;
}

async function isMissing(cluster: string): Promise<boolean> {
  const names = await readdir(cluster).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length > 0) return false;
  await rm(cluster, { recursive: true, force: true });
  return true;
}

async function checkVersion(cluster: string): Promise<void> {
  const version = await readFile(path.join(cluster, 'PG_VERSION'), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new Error(
        `${cluster} is not a PostgreSQL cluster: PG_VERSION is missing. Restore it or move it away`,
      );
    },
  );
  if (version.trim() === MAJOR_VERSION) return;
  throw new Error(
    `${cluster} was made by PostgreSQL ${version.trim()}, this is ${MAJOR_VERSION}: ` +
      'dump it with the old version and restore it, or move it away',
  );
}
