import type { BatchHandler, IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { TaskProgress } from '@transcodeflow/shared/contracts/task-reports.ts';
import { isTransient } from '@transcodeflow/shared/dead-letters/is-transient.ts';
import type { DeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import type { Deadlines, Heartbeat } from './deadlines.ts';
import { LEASE_MS } from './lease.ts';

/**
 * Heartbeats extend leases, a batch in one statement. One that cannot be handled parks alone: the next is a second
 * away and says all that it said.
 */
export function followHeartbeats(deadlines: Deadlines, deadLetters: DeadLetters): BatchHandler {
  const oneByOne = deadLetters.guard(
    'process-manager.progress',
    (message) => deadlines.extend([heartbeatFrom(message)]),
    { blocks: false },
  );
  return async (batch) => {
    try {
      await deadlines.extend(batch.messages.map(heartbeatFrom));
    } catch (error) {
      if (isTransient(error)) throw error;
      await oneByOne(batch);
    }
  };
}

const heartbeatFrom = (message: IncomingMessage): Heartbeat => ({
  ...TaskProgress.parse(fromMessage(message).data),
  due_at: new Date(message.timestamp + LEASE_MS),
});
