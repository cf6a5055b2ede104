import { setTimeout as sleep } from 'node:timers/promises';
import type { Subscription } from '@transcodeflow/shared/bus/bus.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { CommandHandler } from '../command-handler.ts';
import type { TaskCommand } from '../job/commands.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import { LEASE_MS } from './lease.ts';

const TICK_MS = 250;
const BATCH = 100;
/** What may be acted on whether or not heartbeats were heard. */
const ALWAYS = ['retry', 'dispatch'] as const;

export interface WatchOptions {
  deadlines: Deadlines;
  commands: CommandHandler;
  log: Logger;
  /** Of the heartbeats. */
  progress: Subscription;
  /** The partitions of heartbeats that this process manager follows. */
  partitions: () => readonly number[];
  signal: AbortSignal;
  /** Workers from before are known to be gone, so no time is given for their heartbeats to arrive. */
  soleProcessor: boolean;
}

/**
 * Acts on deadlines. A worker is declared lost only after the heartbeats have been followed without a gap for a whole
 * lease: after an outage, of this process or of the broker, silence proves nothing.
 */
export async function watchDeadlines(options: WatchOptions): Promise<void> {
  const { deadlines, commands, log, progress, partitions, signal, soleProcessor } = options;
  let followingSince = soleProcessor ? Number.NEGATIVE_INFINITY : undefined;

  async function tick(): Promise<void> {
    const caughtUp = await progress.lag().then(
      (lag) => lag === 0,
      () => false,
    );
    if (caughtUp) followingSince ??= Date.now();
    else if (!soleProcessor) followingSince = undefined;
    const mayEndLeases = followingSince !== undefined && Date.now() - followingSince >= LEASE_MS;
    const due = await deadlines.takeDue(mayEndLeases ? ['lease', ...ALWAYS] : ALWAYS, partitions(), BATCH);
    // Each by itself: one damaged job must not keep the others waiting.
    for (const deadline of due)
      await act(deadline).catch((error) =>
        log.error({ err: error, ...deadline }, 'could not act on a deadline'),
      );
  }

  async function act({ job_id, task_id, epoch, kind, revision }: Deadline): Promise<void> {
    const command = commandFor(kind, { task_id, epoch });
    const { events } = await commands.execute(job_id, command, { correlation_id: job_id });
    if (events.length > 0) log.info({ job_id, task_id, epoch, kind }, 'a deadline came due');
    else await deadlines.clear(job_id, revision, task_id);
  }

  while (!signal.aborted) {
    await tick().catch((error) =>
      log.warn({ err: error }, 'could not look after the deadlines; trying again'),
    );
    await sleep(TICK_MS, undefined, { signal }).catch(() => {});
  }
}

function commandFor(kind: Deadline['kind'], attempt: { task_id: string; epoch: number }): TaskCommand {
  switch (kind) {
    case 'lease':
      return { type: 'LoseTask', data: { ...attempt, reason: `No heartbeat for ${LEASE_MS / 1000} s` } };
    case 'retry':
      return { type: 'RetryTask', data: attempt };
    case 'dispatch':
      return { type: 'RedispatchTask', data: attempt };
  }
}
