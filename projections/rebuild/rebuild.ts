import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { Pool } from 'pg';
import type { Projection } from '../projector/projection.ts';
import { areCurrent, versionOf } from '../projector/tables.ts';
import { building } from './building.ts';
import { createCatchUp, type Progress } from './catch-up.ts';
import type { EventSource } from './event-source.ts';
import { createFreshTables, freshSchema, freshTableNames } from './fresh-tables.ts';
import { switchTables } from './switch-tables.ts';

export interface RebuildOptions {
  pool: Pool;
  source: EventSource;
  log: Logger;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Does nothing where the live tables are there and of the code's version. */
  onlyIfOutdated?: boolean;
}

export interface Rebuilt {
  events: number;
  /** Milliseconds for all of it, and of those during which the projector waited. */
  wall_ms: number;
  switch_ms: number;
}

/** So few positions left are read while the projectors wait: some tens of milliseconds. */
const SMALL_REST = 500n;
/** Appends faster than a rebuild are caught up with while the projectors wait. */
const MOST_ROUNDS = 20;

/**
 * Builds a read model anew beside the live one and switches. Queries are answered from the old tables until the
 * switch and from the new ones after it; projectors go on from their checkpoints, since the new tables hold at least
 * what the old ones did and every row skips by revision what it holds. Killed at any moment, it leaves the live tables
 * as they were.
 * @returns undefined where nothing was to be done
 */
export async function rebuild(projection: Projection, options: RebuildOptions): Promise<Rebuilt | undefined> {
  const { pool, source, log, signal, onlyIfOutdated = false } = options;
  const { name } = projection;
  const version = await versionOf(projection);
  return building(pool, name, options, async (client) => {
    if (onlyIfOutdated && (await areCurrent(client, name, version))) return undefined;
    const startedAt = performance.now();
    await createFreshTables(client, projection);
    const tables = await freshTableNames(client, name);
    const catchUp = createCatchUp(client, projection, source, options);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const frontier = await source.frontier(signal);
      if (round > 0 && frontier - catchUp.position <= SMALL_REST) break;
      await catchUp.upTo(frontier);
    }
    // New tables have no statistics: the first queries would be planned as if they were empty.
    for (const table of tables) await client.query(`analyze ${freshSchema(name)}."${table}"`);
    const switch_ms = await switchTables(client, {
      projection,
      version,
      tables,
      catchUp,
      source,
      log,
      signal,
    });
    const rebuilt = {
      events: catchUp.events,
      wall_ms: Math.round(performance.now() - startedAt),
      switch_ms: Math.round(switch_ms),
    };
    log.info({ projection: name, version, ...rebuilt }, 'built the tables of a read model');
    return rebuilt;
  });
}
