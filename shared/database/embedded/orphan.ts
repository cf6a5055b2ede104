import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../telemetry/logger.ts';
import { isServerOf } from './is-server-of.ts';
import { processIdentity } from './process-identity.ts';
import type { ServerAccount } from './server-account.ts';
import { stopBySignals } from './stop-by-signals.ts';

/**
 * Ends a server that outlived its Node (its watchdog was killed as well, or it is still shutting down), and
 * removes a lock file whose pid now belongs to another process; to PostgreSQL that would look like a
 * running server. A lock file of a dead pid is left to PostgreSQL, which also checks the shared memory.
 * Call it as the owner of the folder only.
 */
export async function stopOrphan(cluster: string, account: ServerAccount, log: Logger): Promise<void> {
  const lockFile = path.join(cluster, 'postmaster.pid');
  const [pidLine] = (await readFile(lockFile, 'utf8').catch(() => '')).split('\n');
  const pid = Number(pidLine);
  if (!(pid > 0)) return;
  const identity = await processIdentity(pid);
  if (identity === undefined) return;
  if (!(await isServerOf(pid, cluster, account))) {
    log.warn({ pid }, 'postmaster.pid names a process that is not its server: removed');
    return rm(lockFile, { force: true });
  }
  log.warn({ pid }, 'stopping the PostgreSQL server of a process that is gone');
  await stopBySignals(
    (signal) => process.kill(pid, signal),
    async (timeout) => {
      const deadline = Date.now() + timeout;
      while ((await processIdentity(pid)) === identity) {
        if (Date.now() > deadline) return false;
        await sleep(20);
      }
      return true;
    },
  );
}
