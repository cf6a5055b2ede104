import { z } from 'zod';
import type { Bus, Subscription } from '../bus/bus.ts';
import { fromDeadLetter } from '../contracts/dead-letter.ts';
import { topics } from '../contracts/topics.ts';
import type { Logger } from '../telemetry/logger.ts';
import { groupOf } from './consumers.ts';
import type { DeadLetters } from './open-dead-letters.ts';

/**
 * Keeps what processors, which have no database, could not take: their dead-letter topics become rows, and a retry
 * publishes the task again (only processors follow those topics, and tasks carry no order).
 */
export function recordDeadLetters(bus: Bus, deadLetters: DeadLetters, log: Logger): Promise<Subscription> {
  const tasks = Object.values(topics.tasks);
  for (const topic of tasks) deadLetters.onRetry(groupOf(topic), 'publish');
  return bus.subscribe({
    group: 'dead-letters',
    topics: tasks.map(topics.deadLetter),
    handler: async ({ messages }) => {
      for (const letter of messages) {
        try {
          const { message, reason } = fromDeadLetter(letter);
          await deadLetters.record(message, reason);
        } catch (error) {
          if (!(error instanceof z.ZodError)) throw error;
          log.warn({ err: error, topic: letter.topic }, 'ignored what is no dead letter');
        }
      }
    },
  });
}
