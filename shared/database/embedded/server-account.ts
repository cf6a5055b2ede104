import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whom the server runs as; empty: as this process's own user. */
export interface ServerAccount {
  uid?: number;
  gid?: number;
}

/**
 * PostgreSQL refuses to run as root. Then it runs as the owner of the cluster, if there is one already, else
 * as `postgres`, else as `nobody`: nothing is added to the system's users.
 */
export async function serverAccount(cluster: string): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return {};
  const owner = await stat(cluster).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const user = users.find(([entry]) => entry === name);
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new Error(
    'PostgreSQL cannot run as root, and there is no user "postgres" or "nobody" to run it as: ' +
      'start as another user, or set DATABASE_URL',
  );
}

/** Whether the account may run this program, found out by trying (modes, ACLs, noexec mounts, missing libraries). */
export async function canRun(account: ServerAccount, program: string): Promise<boolean> {
  return succeeds(account, program, ['--version']);
}

/** Whether the account may enter this folder by its path. */
export async function canEnter(account: ServerAccount, folder: string): Promise<boolean> {
  return succeeds(account, '/bin/sh', ['-c', 'cd -- "$1" && test -r .', 'sh', folder]);
}

function succeeds(account: ServerAccount, program: string, args: string[]): Promise<boolean> {
  return run(program, args, { ...account, cwd: '/', env: {} }).then(
    () => true,
    () => false,
  );
}
