import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { migrate } from '@transcodeflow/shared/database/migrate.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import type { DeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { CommandHandler } from '../command-handler.ts';
import { createDeadlines } from './deadlines.ts';
import { followHeartbeats } from './heartbeats.ts';
import { handleReport } from './reports.ts';
import { keepTimers } from './timers.ts';
import { watchDeadlines } from './watch.ts';

export interface ProcessManagerOptions {
  url: string;
  bus: Bus;
  commands: CommandHandler;
  deadLetters: DeadLetters;
  log: Logger;
  /** The only processor runs in this process: no worker from before the start can be alive. */
  soleProcessor: boolean;
}

/**
 * Sees every job through: workers' reports become commands, heartbeats keep leases, and what goes silent or waits
 * for its next attempt is taken care of in time. Decides nothing itself and keeps no state but its timers.
 */
export async function startProcessManager({
  url,
  bus,
  commands,
  deadLetters,
  log,
  soleProcessor,
}: ProcessManagerOptions): Promise<{ close(): Promise<void> }> {
  await migrate(url, 'process_manager', new URL('./migrations/', import.meta.url), log);
  const pool = openPool({ url, name: 'transcodeflow process manager', log });
  const deadlines = createDeadlines(pool);
  if (soleProcessor) await deadlines.endLeases();
  let partitions: number[] = [];

  const timers = await bus.subscribe({
    group: 'process-manager.timers',
    topics: [topics.jobs],
    handler: deadLetters.guard('process-manager.timers', (message) => keepTimers(deadlines, message)),
  });
  const reports = await bus.subscribe({
    group: 'process-manager.reports',
    topics: [topics.processing],
    handler: deadLetters.guard('process-manager.reports', (message) =>
      handleReport({ commands, bus, log }, message),
    ),
  });
  const progress = await bus.subscribe({
    group: 'process-manager.progress',
    topics: [topics.progress],
    onAssigned: (assigned) => {
      partitions = assigned.map(({ partition }) => partition);
    },
    handler: followHeartbeats(deadlines, deadLetters),
  });

  const closing = new AbortController();
  const watching = watchDeadlines({
    deadlines,
    commands,
    log,
    progress,
    partitions: () => partitions,
    signal: closing.signal,
    soleProcessor,
  });
  return {
    async close() {
      closing.abort();
      await watching;
      await Promise.all([timers.close(), reports.close(), progress.close()]);
      await pool.end();
    },
  };
}
