import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createTables } from '@transcodeflow/projections/projector/create-tables.ts';
import { projections } from '@transcodeflow/projections/start.ts';
import { wholeLife } from '@transcodeflow/projections/testing/stored-jobs.ts';
import { startEmbeddedPostgres } from '@transcodeflow/shared/database/embedded/embedded-postgres.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { openPostgresEventStore } from '@transcodeflow/shared/event-store/postgres/postgres-event-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { sampleMemory } from '../peak-memory.ts';
import { storeEvents } from './store-events.ts';

const CLI = fileURLToPath(new URL('../../../projections/cli.ts', import.meta.url));

export interface RebuildFigures {
  events: number;
  /** By read model. */
  events_per_second: Record<string, number>;
  /** Of the process that rebuilds; `early` and `late` are the highest of its second and its last fifth. */
  resident_mib: { early: number; late: number; highest: number };
}

/** Rebuilds every read model from `count` events by `pnpm projections rebuild`, over an embedded PostgreSQL of its own. */
export async function benchRebuild(count: number, say: (line: string) => void): Promise<RebuildFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-bench-rebuild-'));
  const postgres = await startEmbeddedPostgres({ dataFolder: folder, log: silentLogger });
  const pool = openPool({ url: postgres.url, name: 'bench', max: 2, log: silentLogger });
  try {
    await (await openPostgresEventStore(postgres.url, silentLogger)).close();
    await createTables(pool, postgres.url, projections, silentLogger);
    say(`storing ${count} events`);
    const events = await storeEvents(pool, count, wholeLife);
    say('rebuilding');
    const child = spawn(process.execPath, [CLI, 'rebuild'], {
      env: { ...process.env, DATABASE_URL: postgres.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = once(child, 'close');
    const [output, memory, [code]] = await Promise.all([
      text(child.stdout),
      sampleMemory(child.pid ?? -1, closed),
      closed,
    ]);
    if (code !== 0) throw new Error(`The rebuild ended with ${code}:\n${output}`);
    const lines = [...output.matchAll(/^(\S+): rebuilt from \d+ events in .* \((\d+) events\/s\)/gm)];
    const fifth = (n: number) => memory.slice((memory.length * n) / 5, (memory.length * (n + 1)) / 5);
    return {
      events,
      events_per_second: Object.fromEntries(lines.map(([, name, rate]) => [name, Number(rate)])),
      resident_mib: {
        early: Math.max(...fifth(1)),
        late: Math.max(...fifth(4)),
        highest: Math.max(...memory),
      },
    };
  } finally {
    await pool.end();
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  }
}
