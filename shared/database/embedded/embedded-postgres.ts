import { mkdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../../telemetry/logger.ts';
import { DATABASE, ensureCluster, USER } from './cluster.ts';
import { nativeFolder } from './native-folder.ts';
import { stopOrphan } from './orphan.ts';
import { claimFolder } from './owner-lock.ts';
import { startPostmaster } from './postmaster.ts';
import { serverAccount } from './server-account.ts';
import { serverPrograms } from './server-programs.ts';

export interface EmbeddedPostgresOptions {
  /** Made if missing; holds the cluster, its password and the owner's claim. */
  dataFolder: string;
  log: Logger;
  /** Without durability, and the folder is removed when this process ends, however it ends. */
  temporary?: boolean;
  /** Default: the programs of the npm package. */
  native?: string;
  /** Where root's copy of the programs goes if it needs one. Default: /var/cache/transcodeflow. */
  programsCache?: string;
}

export interface EmbeddedPostgres {
  /** `postgres://user:password@127.0.0.1:port/transcodeflow`; the port is another one after each start. */
  url: string;
  /** Resolves with the reason when the server ends without `close()`. */
  lost: Promise<Error>;
  /** Stops it: sessions are ended, everything committed is on disk. Takes 17 s at most. */
  close(): Promise<void>;
}

/**
 * A real PostgreSQL for this process alone, on 127.0.0.1 by password. Recovers what a killed process or machine
 * left behind. As root it runs as `postgres` or `nobody`.
 * @throws {Error} naming the other process when the folder has an owner already; with PostgreSQL's own words
 *   when the cluster is of another version, damaged, or the disk is full
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, temporary = false } = options;
  await mkdir(options.dataFolder, { recursive: true });
  const folder = await realpath(options.dataFolder);
  const cluster = path.join(folder, 'cluster');
  const release = await claimFolder(folder);
  try {
    const account = await serverAccount(cluster);
    await stopOrphan(cluster, account, log);
    const programs = await serverPrograms(options.native ?? nativeFolder(), account, options.programsCache);
    const password = await ensureCluster({ programs, account }, cluster, temporary);
    const discard = temporary ? folder : undefined;
    const server = await startPostmaster({ programs, account }, { cluster, log, discard });
    return {
      url: `postgres://${USER}:${password}@127.0.0.1:${server.port}/${DATABASE}`,
      lost: server.lost,
      close: async () => {
        await server.close();
        await release();
        if (discard !== undefined) await rm(discard, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
