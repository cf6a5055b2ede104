import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ServerAccount } from './server-account.ts';

const run = promisify(execFile);

/**
 * Whether this living process is the PostgreSQL server on this cluster (an absolute real path).
 * @throws {Error} when that cannot be found out: to be wrong would mean two servers on one cluster
 */
export async function isServerOf(pid: number, cluster: string, account: ServerAccount): Promise<boolean> {
  if (process.platform !== 'linux') return commandNames(pid, cluster);
  const [program = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  if (!program.endsWith('/postgres')) return false;
  const owner = await stat(`/proc/${pid}`).catch(() => undefined);
  if (owner?.uid !== (account.uid ?? process.getuid?.())) return false;
  // A server's working directory is its cluster, whatever path it was started with. The link is read as the
  // server's user: in a container root itself may not (no CAP_SYS_PTRACE).
  const folder = await run('readlink', [`/proc/${pid}/cwd`], { ...account, cwd: '/' }).catch(
    (error: unknown) => {
      throw new Error(
        `Is process ${pid} a PostgreSQL server on ${cluster}? Its folder cannot be read: end it`,
        {
          cause: error,
        },
      );
    },
  );
  return folder.stdout.trimEnd() === cluster;
}

async function commandNames(pid: number, cluster: string): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'command=', '-ww', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.includes(`/bin/postgres -D ${cluster} `);
}
